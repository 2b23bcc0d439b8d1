#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/process.hpp"

namespace fechatter::test {

// nginx before several instances of both servers. An instance that cannot be reached is passed
// over; a request that was sent to one is not sent to another.
class Balancer {
 public:
  // Starts it and waits until it listens.
  Balancer(const std::vector<std::uint16_t>& servers, const std::vector<std::uint16_t>& notifies);

  // Before the instances of fechatter_server and of notify_server.
  std::uint16_t server_port() const { return server_port_; }
  std::uint16_t notify_port() const { return notify_port_; }

 private:
  ScratchFolder folder_;
  std::uint16_t server_port_;
  std::uint16_t notify_port_;
  Process process_;
};

}  // namespace fechatter::test
