#include "tests/core/http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

constexpr std::chrono::milliseconds socket_patience{10'000};

bool connected(int socket, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

std::optional<std::string> RawAnswer::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return std::nullopt;
}

RawClient::RawClient() : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
  if (socket_ < 0) throw std::system_error{errno, std::generic_category(), "socket"};
}

RawClient::RawClient(std::uint16_t port) : RawClient{} {
  connect(port);
}

RawClient::~RawClient() {
  ::close(socket_);
}

void RawClient::call_from(const char* address) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = ::inet_addr(address);
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) {
    throw std::system_error{errno, std::generic_category(), "bind"};
  }
}

void RawClient::connect(std::uint16_t port) {
  if (!connected(socket_, port)) {
    throw std::system_error{errno, std::generic_category(), "connect"};
  }
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::size_t RawClient::send_until_blocked(std::string_view bytes) {
  std::size_t sent = 0;
  pollfd waited{socket_, POLLOUT, 0};
  while (sent < bytes.size() && ::poll(&waited, 1, 200) > 0) {
    const auto rest = bytes.substr(sent);
    const auto count = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) break;
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

void RawClient::end_sending() {
  ::shutdown(socket_, SHUT_WR);
}

bool RawClient::is_readable(std::chrono::milliseconds time) {
  pollfd waited{socket_, POLLIN, 0};
  return !received_.empty() || ::poll(&waited, 1, static_cast<int>(time.count())) > 0;
}

bool RawClient::receive() {
  pollfd waited{socket_, POLLIN, 0};
  if (::poll(&waited, 1, static_cast<int>(socket_patience.count())) <= 0) {
    throw std::runtime_error{"nothing came in time; before it: " + received_};
  }
  char bytes[4096];
  const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::read_bytes(std::size_t count) {
  while (received_.size() < count) {
    if (!receive()) throw std::runtime_error{"closed in the middle; before it: " + received_};
  }
  auto bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

RawAnswer RawClient::read_answer(bool has_body) {
  while (received_.find("\r\n\r\n") == std::string::npos) {
    if (!receive()) throw std::runtime_error{"closed without an answer; before it: " + received_};
  }
  const auto head = read_bytes(received_.find("\r\n\r\n") + 4);
  RawAnswer answer;
  answer.status = std::stoi(head.substr(sizeof "HTTP/1.1"));
  std::string_view rest = head;
  take_until(rest, '\n');
  while (rest != "\r\n") {
    auto line = take_until(rest, '\n');
    line.remove_suffix(1);
    auto name = to_lower(take_until(line, ':'));
    answer.headers.emplace_back(std::move(name), trimmed(line));
  }
  const auto length = answer.header("content-length");
  if (has_body && length) answer.body = read_bytes(std::stoul(*length));
  if (has_body && answer.header("transfer-encoding")) answer.body = read_chunks();
  return answer;
}

std::string RawClient::read_line() {
  while (received_.find("\r\n") == std::string::npos) {
    if (!receive()) throw std::runtime_error{"closed within a line; before it: " + received_};
  }
  auto line = read_bytes(received_.find("\r\n") + 2);
  line.resize(line.size() - 2);
  return line;
}

std::string RawClient::read_chunks() {
  std::string body;
  for (;;) {
    const auto size = std::stoul(read_line(), nullptr, 16);
    body += read_bytes(size);
    if (!read_line().empty()) throw std::runtime_error{"a chunk is longer than its size"};
    if (size == 0) return body;
  }
}

RawAnswer RawClient::ask(std::string_view bytes) {
  send(bytes);
  return read_answer(!bytes.starts_with("HEAD "));
}

std::string RawClient::read_until_closed() {
  while (receive()) {}
  return std::move(received_);
}

void RawClient::receive_little() {
  const int size = 1024;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket_);
  socket_ = -1;
}

bool is_connection_refused(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const bool refused = !connected(socket, port) && errno == ECONNREFUSED;
  ::close(socket);
  return refused;
}

std::string get(std::string_view path) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string post(std::string_view path, std::string_view json) {
  return "POST " + std::string{path} +
         " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(json.size()) + "\r\n\r\n" + std::string{json};
}

}  // namespace fechatter::http
