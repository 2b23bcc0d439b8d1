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

// An answer as it came over the wire.
struct RawAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::optional<std::string> header(std::string_view name) const;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

// A client that sends exactly the bytes it is given, on a blocking socket. Whatever it waits for
// has a deadline of 10 s; then it throws.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  // A socket that has its descriptor, and is connected by `connect`.
  RawClient();
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Before connecting: as from another machine; any address of 127.0.0.0/8.
  void call_from(const char* address);
  void connect(std::uint16_t port);
  // False when the other end has gone.
  bool send(std::string_view bytes);
  RawAnswer read_answer(bool has_body = true);
  RawAnswer ask(std::string_view bytes);
  std::string read_bytes(std::size_t count);
  // All that still comes until the other end closes (or resets).
  std::string read_until_closed();
  // Waits for input or the end, `time` at most.
  bool is_readable(std::chrono::milliseconds time);
  void receive_little();
  void reset();

 private:
  bool receive();

  int socket_ = -1;
  std::string received_;
};

bool is_connection_refused(std::uint16_t port);

std::string get(std::string_view path);
std::string post(std::string_view path, std::string_view json);

}  // namespace fechatter::http
