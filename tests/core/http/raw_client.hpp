#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fechatter::http {

// A response as it came over the wire; a chunked body is decoded.
struct RawAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::optional<std::string> header(std::string_view name) const;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

// A client that sends exactly the bytes it is given, on a blocking socket. Each wait has a deadline
// of 10 s; then it throws.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  // A socket that `connect` connects.
  RawClient();
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sets the own address, one of 127.0.0.0/8. Before `connect`.
  void call_from(const char* address);
  void connect(std::uint16_t port);
  // False when the other end has closed the connection.
  bool send(std::string_view bytes);
  // Sends until the connection accepts nothing for 200 ms; returns the number of bytes sent.
  std::size_t send_until_blocked(std::string_view bytes);
  // Ends the sending direction; responses can still be read.
  void end_sending();
  RawAnswer read_answer(bool has_body = true);
  RawAnswer ask(std::string_view bytes);
  std::string read_bytes(std::size_t count);
  // All input until the other end closes or resets the connection.
  std::string read_until_closed();
  // Waits for input or the end, `time` at most.
  bool is_readable(std::chrono::milliseconds time);
  void receive_little();
  void reset();

 private:
  bool receive();
  std::string read_line();
  std::string read_chunks();

  int socket_ = -1;
  std::string received_;
};

bool is_connection_refused(std::uint16_t port);

std::string get(std::string_view path);
std::string post(std::string_view path, std::string_view json);

}  // namespace fechatter::http
