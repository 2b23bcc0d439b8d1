#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/async.hpp"

namespace fechatter::chaos {

// What a link of the proxy does to the bytes that pass.
enum class LinkFault {
  none,
  silent,      // half-open: connections stand and are made, and nothing passes
  no_answers,  // what is asked passes; at the first byte of an answer the connection is cut
};

// TCP proxies of 127.0.0.1, one link each, with a thread of their own. All functions may be called
// from any thread; they take effect a moment later.
class FaultProxy {
 public:
  FaultProxy();
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // A new link to a port; its number.
  std::size_t add_link(std::uint16_t to);
  // Where the link listens.
  std::uint16_t port(std::size_t link) const;

  void set(std::size_t link, LinkFault fault);
  // Holds up what passes, each way.
  void delay(std::size_t link, std::chrono::milliseconds time);
  // Ends all connections of the link with a reset.
  void cut(std::size_t link);

 private:
  struct Link;
  class Pipe;

  void accept(std::shared_ptr<Link> link);

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Executor executor_;
  std::vector<std::shared_ptr<Link>> links_;
  std::thread thread_;
};

// The port that a service's URL names, and the URL with another one: that of a link to it.
std::uint16_t port_of(const std::string& url);
std::string with_port(const std::string& url, std::uint16_t port);

}  // namespace fechatter::chaos
