#pragma once

#include <string>

#include "tests/support/http_client.hpp"

namespace fechatter::test {

// The name of the next event but those of presence; "none" when none comes.
inline std::string next_name(SseStream& stream) {
  while (const auto event = stream.next()) {
    if (event->name != "UserPresence") return event->name;
  }
  return "none";
}

}  // namespace fechatter::test
