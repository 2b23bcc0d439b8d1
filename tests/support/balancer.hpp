#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/process.hpp"

namespace fechatter::test {

// nginx in front of several instances of both servers. It skips an instance that refuses
// connections; a POST that was sent to one instance is not sent to a second one.
class Balancer {
 public:
  // Starts nginx and waits until its ports accept connections.
  Balancer(const std::vector<std::uint16_t>& servers, const std::vector<std::uint16_t>& notifies);

  // The ports in front of the fechatter_server and of the notify_server instances.
  std::uint16_t server_port() const { return server_port_; }
  std::uint16_t notify_port() const { return notify_port_; }
  // Both as one origin; below /held answers are held back until they are large.
  std::uint16_t origin_port() const { return origin_port_; }

 private:
  ScratchFolder folder_;
  std::uint16_t server_port_;
  std::uint16_t notify_port_;
  std::uint16_t origin_port_;
  Process process_;
};

}  // namespace fechatter::test
