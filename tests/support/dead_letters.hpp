#pragma once

#include <string>
#include <vector>

#include "fechatter_core/nats/nats_connection.hpp"

namespace fechatter::test {

struct DeadLetter {
  std::string subject;
  std::string reason;
  std::string data;
};

// What the dead-letter stream holds, oldest first; empty while there is no such stream.
std::vector<DeadLetter> read_dead_letters(nats::Connection& connection);

}  // namespace fechatter::test
