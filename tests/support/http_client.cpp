#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "tests/support/api_description.hpp"

namespace fechatter::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds answer_timeout{20};

void parse_head(std::string_view head, Reply& reply) {
  reply.status = std::stoi(std::string{head.substr(9, 3)});
  auto line_end = head.find("\r\n");
  while (line_end != std::string_view::npos && line_end + 2 < head.size()) {
    const auto begin = line_end + 2;
    line_end = head.find("\r\n", begin);
    const auto line = head.substr(begin, line_end - begin);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    reply.headers.emplace(lower(std::string{line.substr(0, colon)}), line.substr(colon + 2));
  }
}

std::chrono::milliseconds left_until(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  return std::max(left, std::chrono::milliseconds{0});
}

std::string render_line(const std::string& method, const std::string& target,
                        const Headers& headers) {
  auto text = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  if (!headers.contains("Host")) text += "Host: localhost\r\n";
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  return text;
}

std::string render_body(const std::string& content_type, std::string_view content) {
  return fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}", content_type,
                     content.size(), content);
}

std::string render(const std::string& method, const std::string& target,
                   const std::optional<nlohmann::json>& body, const Headers& headers) {
  const auto head = render_line(method, target, headers);
  return head + (body ? render_body("application/json", body->dump()) : "\r\n");
}

}  // namespace

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

TcpConnection::TcpConnection(std::uint16_t port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close();
    throw std::runtime_error{fmt::format("no process listens on port {}", port)};
  }
}

TcpConnection::~TcpConnection() {
  close();
}

TcpConnection::TcpConnection(TcpConnection&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, ended_{other.ended_} {}

TcpConnection& TcpConnection::operator=(TcpConnection&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(ended_, other.ended_);
  return *this;
}

void TcpConnection::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void TcpConnection::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // read() reports the end
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool TcpConnection::read(std::string& buffer, std::chrono::milliseconds timeout) {
  pollfd entry{fd_, POLLIN, 0};
  if (poll(&entry, 1, static_cast<int>(timeout.count())) <= 0) return false;
  std::array<char, 16384> bytes{};
  const auto received = recv(fd_, bytes.data(), bytes.size(), 0);
  ended_ = received <= 0;
  if (!ended_) buffer.append(bytes.data(), static_cast<std::size_t>(received));
  return !ended_;
}

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

namespace {

Reply exchange(std::uint16_t port, const std::string& method, std::string_view sent) {
  TcpConnection connection{port};
  connection.write(sent);
  const auto end = Clock::now() + answer_timeout;
  std::string bytes;
  auto head_end = std::string::npos;
  while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos) {
    if (!connection.read(bytes, left_until(end))) return {};
  }
  Reply reply;
  parse_head(std::string_view{bytes}.substr(0, head_end + 2), reply);
  const auto length_text = method == "HEAD" ? "" : reply.header("content-length");
  const auto length = length_text.empty() ? 0 : std::stoul(length_text);
  while (bytes.size() < head_end + 4 + length) {
    if (!connection.read(bytes, left_until(end))) return {};
  }
  reply.body = bytes.substr(head_end + 4, length);
  return reply;
}

}  // namespace

Reply request(std::uint16_t port, const std::string& method, const std::string& target,
              const std::optional<nlohmann::json>& body, const Headers& headers) {
  return exchange(port, method, render(method, target, body, headers));
}

Reply request_bytes(std::uint16_t port, const std::string& method, const std::string& target,
                    const std::string& content_type, std::string_view body,
                    const Headers& headers) {
  return exchange(port, method,
                  render_line(method, target, headers) + render_body(content_type, body));
}

SseStream::SseStream(std::uint16_t port, const std::string& target, const Headers& headers)
    : connection_{port} {
  auto all = headers;
  all.emplace("Accept", "text/event-stream");
  connection_.write(render("GET", target, {}, all));
  const auto end = Clock::now() + answer_timeout;
  auto head_end = std::string::npos;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!connection_.read(buffer_, left_until(end))) return;
  }
  head_ = buffer_.substr(0, head_end + 2);
  buffer_.erase(0, head_end + 4);
  Reply reply;
  parse_head(head_, reply);
  status_ = reply.status;
}

std::optional<SseEvent> SseStream::parse_one() {
  while (true) {
    const auto end = buffer_.find("\n\n");
    if (end == std::string::npos) return std::nullopt;
    const auto block = buffer_.substr(0, end + 1);
    buffer_.erase(0, end + 2);
    SseEvent event;
    std::size_t begin = 0;
    while (begin < block.size()) {
      const auto line_end = block.find('\n', begin);
      const auto line = block.substr(begin, line_end - begin);
      if (line.starts_with("id: ")) event.id = line.substr(4);
      if (line.starts_with("event: ")) event.name = line.substr(7);
      if (line.starts_with("data: ")) event.data = nlohmann::json::parse(line.substr(6));
      begin = line_end + 1;
    }
    if (!event.data.is_null()) return event;  // a block without data (`retry:`) is not an event
  }
}

std::optional<SseEvent> SseStream::next(std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  while (true) {
    if (auto event = parse_one()) {
      expect_described(*event);
      return event;
    }
    if (!connection_.read(buffer_, left_until(end))) return std::nullopt;
  }
}

std::optional<SseEvent> SseStream::next(const std::string& name,
                                        std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  while (auto event = next(left_until(end))) {
    if (event->name == name) return event;
  }
  return std::nullopt;
}

bool SseStream::ends(std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  while (connection_.read(buffer_, left_until(end))) buffer_.clear();
  return connection_.ended();
}

}  // namespace fechatter::test
