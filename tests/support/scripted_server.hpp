#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fechatter::test {

// A server for answers and faults that a real one does not show on demand. Each connection is one
// exchange.
class ScriptedServer {
 public:
  struct Exchange {
    std::string head;  // request line and headers
    std::string body;
  };
  // The bytes of the whole response, which are sent as they are; empty: the connection stays open
  // and silent until the server ends.
  using Script = std::function<std::string(const Exchange&)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // Those that have come until now.
  std::vector<Exchange> exchanges() const;

 private:
  void serve();
  void answer(int connection);

  const Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_ = false;
  mutable std::mutex mutex_;
  std::vector<Exchange> exchanges_;
  std::vector<int> silent_;  // connections
  std::thread thread_;
};

std::string response_of(const std::string& status, const std::string& body,
                        const std::string& headers = "");

}  // namespace fechatter::test
