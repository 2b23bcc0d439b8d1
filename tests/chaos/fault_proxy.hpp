#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/async.hpp"

namespace fechatter::chaos {

// The fault of a proxy link.
enum class LinkFault {
  none,
  silent,      // half-open: connections stay open and can be opened, but no byte passes
  no_answers,  // requests pass; the first byte of a response cuts the connection
};

// TCP proxies on 127.0.0.1, called links, on a thread of their own. All functions may be called
// from any thread; they take effect asynchronously.
class FaultProxy {
 public:
  FaultProxy();
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Adds a link to a port; returns the number of the link.
  std::size_t add_link(std::uint16_t to);
  // The port of the link.
  std::uint16_t port(std::size_t link) const;

  void set(std::size_t link, LinkFault fault);
  // Delays the bytes in each direction.
  void delay(std::size_t link, std::chrono::milliseconds time);
  // Over the connections that the link has now no byte passes any more; they stay open, and others
  // can be opened.
  void deaden(std::size_t link);
  // Resets all connections of the link.
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

// The port in the URL of a service, and the URL with another port (of a link to the service).
std::uint16_t port_of(const std::string& url);
std::string with_port(const std::string& url, std::uint16_t port);

}  // namespace fechatter::chaos
