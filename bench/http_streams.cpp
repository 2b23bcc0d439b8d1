#include "bench/http_streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fechatter::bench {
namespace {

constexpr auto npos = std::string_view::npos;

int status_of(std::string_view head) {
  int status = 0;
  const auto digits = head.substr(std::min<std::size_t>(head.size(), 9), 3);
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status;
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  std::size_t length = 0;
  const auto at = head.find(name);
  if (at == npos) return 0;
  std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return length;
}

// The value of the line that starts with `name`; empty without such a line.
std::string_view field(std::string_view block, std::string_view name) {
  const auto at = block.starts_with(name) ? 0 : block.find(fmt::format("\n{}", name));
  if (at == npos) return {};
  const auto begin = at + name.size() + (block[at] == '\n' ? 1 : 0);
  return block.substr(begin, block.find('\n', begin) - begin);
}

}  // namespace

SseClient::SseClient(EventLoop& loop, std::uint16_t port, const std::string& token,
                     OnEvent on_event)
    : socket_{port}, on_event_{std::move(on_event)} {
  loop.add(socket_, *this);
  socket_.write(
      fmt::format("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                  "Authorization: Bearer {}\r\n\r\n",
                  token));
}

void SseClient::readable() {
  const bool open = socket_.read(buffer_);
  const auto arrived = Clock::now();
  if (answered_ || take_head()) take_events(arrived);
  if (open) return;
  ended_ = true;
  Socket closed = std::move(socket_);
}

bool SseClient::take_head() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  if (status_of(buffer_) != 200) throw std::runtime_error{"a stream was refused: " + buffer_};
  buffer_.erase(0, end + 4);
  return answered_ = true;
}

void SseClient::take_events(Clock::time_point arrived) {
  std::size_t begin = 0;
  for (auto end = buffer_.find("\n\n"); end != npos; end = buffer_.find("\n\n", begin)) {
    const auto block = std::string_view{buffer_}.substr(begin, end - begin);
    begin = end + 2;
    const StreamEvent event{field(block, "event: "), field(block, "data: "), arrived};
    if (event.name == "CaughtUp") caught_up_ = true;
    if (!event.data.empty()) on_event_(event);
  }
  buffer_.erase(0, begin);
}

HttpConnection::HttpConnection(EventLoop& loop, std::uint16_t port, std::string token,
                               OnAnswer on_answer)
    : loop_{loop},
      port_{port},
      token_{std::move(token)},
      socket_{port},
      on_answer_{std::move(on_answer)} {
  loop_.add(socket_, *this);
}

void HttpConnection::send(const HttpRequest& request) {
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", request.method, request.target);
  const auto token = request.token.empty() ? std::string_view{token_} : request.token;
  if (!token.empty()) text += fmt::format("Authorization: Bearer {}\r\n", token);
  if (!request.body.empty()) {
    text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n",
                        request.body.size());
  }
  text.append(request.headers).append("\r\n").append(request.body);
  busy_ = true;
  began_ = Clock::now();
  socket_.write(text);
}

void HttpConnection::readable() {
  const bool open = socket_.read(buffer_);
  Answer answer;
  answer.began = began_;
  answer.arrived = Clock::now();
  const bool complete = take_answer(answer);
  if (!open) reopen();
  if (!busy_ || (open && !complete)) return;
  busy_ = false;
  on_answer_(answer);
}

void HttpConnection::reopen() {
  socket_ = Socket{port_};
  buffer_.clear();
  loop_.add(socket_, *this);
}

bool HttpConnection::take_answer(Answer& answer) {
  const auto head_end = buffer_.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  const auto head = std::string_view{buffer_}.substr(0, head_end);
  const auto body_begin = head_end + 4;
  const auto length = content_length(head);
  if (buffer_.size() < body_begin + length) return false;
  answer.status = status_of(head);
  answer.body = buffer_.substr(body_begin, length);
  buffer_.erase(0, body_begin + length);
  return true;
}

}  // namespace fechatter::bench
