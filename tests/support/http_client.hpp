#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// Blocking clients over plain sockets: tests use the public interface of the servers only.
namespace fechatter::test {

std::string lower(std::string text);  // of ASCII letters

// A TCP connection to 127.0.0.1. Throws std::runtime_error when no process listens on the port.
class TcpConnection {
 public:
  explicit TcpConnection(std::uint16_t port);
  ~TcpConnection();
  TcpConnection(TcpConnection&& other) noexcept;
  TcpConnection& operator=(TcpConnection&& other) noexcept;

  void write(std::string_view bytes) const;
  // Appends the received bytes to `buffer`; false at the end of the stream or after `timeout`.
  bool read(std::string& buffer, std::chrono::milliseconds timeout);
  bool ended() const { return ended_; }
  void close();

 private:
  int fd_ = -1;
  bool ended_ = false;
};

struct Reply {
  int status = 0;                                   // 0: the connection ended without a response
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string header(const std::string& name) const;
};

using Headers = std::map<std::string, std::string>;

// One request on its own connection. `status` is 0 when the server closes it without a response.
Reply request(std::uint16_t port, const std::string& method, const std::string& target,
              const std::optional<nlohmann::json>& body = {}, const Headers& headers = {});

// The same with the bytes of any body.
Reply request_bytes(std::uint16_t port, const std::string& method, const std::string& target,
                    const std::string& content_type, std::string_view body,
                    const Headers& headers = {});

struct SseEvent {
  std::string id;
  std::string name;  // empty: a frame without an event name
  nlohmann::json data;
};

// An open SSE stream.
class SseStream {
 public:
  // Sends the request and reads the head of the response.
  SseStream(std::uint16_t port, const std::string& target, const Headers& headers = {});

  int status() const { return status_; }
  const std::string& head() const { return head_; }
  // Received bytes that no call has consumed; of a refused stream, the problem document.
  const std::string& unread() const { return buffer_; }
  // The next event of any name; nullopt after `timeout` or at the end of the stream.
  std::optional<SseEvent> next(std::chrono::milliseconds timeout = std::chrono::seconds{15});
  // The next event of this name; events of other names are skipped.
  std::optional<SseEvent> next(const std::string& name,
                               std::chrono::milliseconds timeout = std::chrono::seconds{15});
  // True when the server ends the stream within `timeout`.
  bool ends(std::chrono::milliseconds timeout = std::chrono::seconds{15});
  void close() { connection_.close(); }

 private:
  std::optional<SseEvent> parse_one();

  TcpConnection connection_;
  std::string buffer_;
  std::string head_;
  int status_ = 0;
};

}  // namespace fechatter::test
