#include "bench/subscribers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace fechatter::bench {
namespace {

constexpr std::uint64_t command_mark = ~std::uint64_t{0};
constexpr std::size_t stamp_digits = 19;
constexpr std::size_t sockets_per_address = 8000;
constexpr std::int64_t nanoseconds_per_ms = 1'000'000;

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

// The value of the line that starts with `name`; empty without such a line.
std::string_view field(std::string_view frame, std::string_view name) {
  while (!frame.empty()) {
    const auto end = std::min(frame.find('\n'), frame.size());
    if (frame.starts_with(name)) return frame.substr(name.size(), end - name.size());
    frame.remove_prefix(std::min(end + 1, frame.size()));
  }
  return {};
}

template <class Number>
Number number_in(std::string_view digits) {
  Number number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

Subscribers::Subscribers(const CrowdOptions& options, CrowdNotes& notes, int goal_reached,
                         int command)
    : options_{options},
      notes_{notes},
      goal_reached_{goal_reached},
      command_{command},
      epoll_{epoll_create1(EPOLL_CLOEXEC)},
      subscribers_(options.requests.size()),
      buffer_(256 * 1024) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = command_mark;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, command_, &event) != 0) fail("epoll_ctl");
  for (std::size_t i = 0; i < subscribers_.size(); ++i) away_.push({0, i});
}

void Subscribers::run() {
  std::array<epoll_event, 512> events{};
  while (true) {
    connect_due();
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_to_wait());
    check_not_stopped();
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == command_mark) {
        close_all();
        break;  // the other events are of closed sockets
      }
      if (subscribers_[event.data.u64].state == State::connecting) {
        send_request(event.data.u64);
      } else {
        read(event.data.u64);
      }
    }
    signal_goal();
  }
}

int Subscribers::milliseconds_to_wait() const {
  if (away_.empty() || arriving_ >= options_.at_once) return 1000;
  const auto left = (away_.top().at_ns - now_ns()) / nanoseconds_per_ms + 1;
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000));
}

void Subscribers::connect_due() {
  while (!away_.empty() && arriving_ < options_.at_once && away_.top().at_ns <= now_ns()) {
    const auto index = away_.top().subscriber;
    away_.pop();
    connect_one(index);
  }
}

// 8,000 ports of each source address, so that ports of closed connections can stay in TIME_WAIT.
void Subscribers::connect_one(std::size_t index) {
  auto& subscriber = subscribers_[index];
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const auto host = 2 + index / sockets_per_address + rounds_ * 4;
  const auto from = address_of(INADDR_LOOPBACK - 1 + static_cast<std::uint32_t>(host), 0);
  const auto to = address_of(INADDR_LOOPBACK, options_.port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
  subscriber.descriptor = fd;
  subscriber.state = State::connecting;
  ++arriving_;
  epoll_event event{};
  event.events = EPOLLOUT;
  event.data.u64 = index;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS) {
    lose(index);
  }
}

void Subscribers::send_request(std::size_t index) {
  auto& subscriber = subscribers_[index];
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(subscriber.descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
  auto request = options_.requests[index];
  if (!subscriber.last_id.empty()) request += "Last-Event-ID: " + subscriber.last_id + "\r\n";
  request += "\r\n";
  const auto sent =
      error == 0 ? send(subscriber.descriptor, request.data(), request.size(), MSG_NOSIGNAL) : -1;
  if (sent != static_cast<ssize_t>(request.size())) return lose(index);
  subscriber.state = State::requesting;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, subscriber.descriptor, &event) != 0) fail("epoll_ctl");
}

void Subscribers::read(std::size_t index) {
  auto& subscriber = subscribers_[index];
  const auto received = recv(subscriber.descriptor, buffer_.data(), buffer_.size(), 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return lose(index);
  take(subscriber, {buffer_.data(), static_cast<std::size_t>(received)});
}

void Subscribers::take(Subscriber& subscriber, std::string_view bytes) {
  if (subscriber.state == State::open && !options_.returns) return count(subscriber, bytes);
  subscriber.unread.append(bytes);
  if (subscriber.state == State::requesting && !take_head(subscriber)) return;
  take_frames(subscriber);
}

// The head of the response, up to the frames.
bool Subscribers::take_head(Subscriber& subscriber) {
  auto& unread = subscriber.unread;
  if (!unread.starts_with("HTTP/1.1")) return true;  // the head was removed before
  const auto end = unread.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  if (unread.substr(9, 3) != "200" && notes_.refused++ == 0) {
    fmt::print(stderr, "a stream was refused: {}\n", unread.substr(0, end));
  }
  unread.erase(0, end + 4);
  return true;
}

void Subscribers::take_frames(Subscriber& subscriber) {
  std::size_t begin = 0;
  const std::string_view unread{subscriber.unread};
  while (subscriber.state != State::open || options_.returns) {
    const auto end = unread.find("\n\n", begin);
    if (end == std::string_view::npos) break;
    take_frame(subscriber, unread.substr(begin, end - begin));
    begin = end + 2;
  }
  const auto rest = subscriber.unread.substr(begin);
  subscriber.unread.clear();
  if (subscriber.state == State::open && !options_.returns) {
    subscriber.unread.shrink_to_fit();
    count(subscriber, rest);
  } else {
    subscriber.unread = rest;
  }
}

void Subscribers::take_frame(Subscriber& subscriber, std::string_view frame) {
  const auto name = field(frame, "event: ");
  if (const auto id = field(frame, "id: "); !id.empty() && options_.returns)
    subscriber.last_id = id;
  if (const auto retry = field(frame, "retry: "); !retry.empty()) {
    subscriber.retry_ms = number_in<int>(retry);
  }
  if (subscriber.state == State::open) ++notes_.frames;
  if (name == "NewMessage") ++notes_.messages;
  if (name == "Reset") ++notes_.resets;
  if (name == "NewMessage" && options_.reads_stamps) note_stamps(frame);
  if (name != "CaughtUp" || subscriber.state == State::open) return;
  subscriber.state = State::open;
  subscriber.after_newline = false;
  --arriving_;
  notes_.last_open_ns = now_ns();
  ++notes_.open;
}

// Counts frames by their terminating empty lines.
void Subscribers::count(Subscriber& subscriber, std::string_view bytes) {
  if (bytes.empty()) return;
  std::size_t frames = subscriber.after_newline && bytes.front() == '\n' ? 1 : 0;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while ((at = static_cast<const char*>(
              std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
    if (++at == end) break;
    if (*at == '\n') ++frames;
  }
  subscriber.after_newline = bytes.back() == '\n' && !bytes.ends_with("\n\n");
  notes_.frames.fetch_add(frames, std::memory_order_relaxed);
  notes_.bytes.fetch_add(bytes.size(), std::memory_order_relaxed);
  if (options_.reads_stamps) note_stamps(bytes);
}

// A stamp split between two reads is skipped.
void Subscribers::note_stamps(std::string_view bytes) {
  const auto arrived = now_ns();
  for (auto at = bytes.find(stamp_mark); at != std::string_view::npos;
       at = bytes.find(stamp_mark, at + 1)) {
    if (bytes.size() - at <= stamp_digits) return;
    notes_.age.add(arrived - number_in<std::int64_t>(bytes.substr(at + 1, stamp_digits)));
  }
}

// Closes a connection that the server closed or refused.
void Subscribers::lose(std::size_t index) {
  auto& subscriber = subscribers_[index];
  const bool was_open = subscriber.state == State::open;
  if (was_open) {
    ++notes_.closed;
    --notes_.open;
  } else {
    ++notes_.failed;
    --arriving_;
  }
  close(subscriber.descriptor);
  subscriber.descriptor = -1;
  subscriber.state = State::away;
  subscriber.unread.clear();
  const auto pause = std::max(subscriber.retry_ms, 100) * nanoseconds_per_ms;
  if (options_.returns || !was_open) away_.push({now_ns() + pause, index});
}

void Subscribers::close_all() {
  std::uint64_t ignored = 0;
  if (::read(command_, &ignored, sizeof ignored) < 0) return;
  ++rounds_;
  arriving_ = 0;
  away_ = {};
  for (std::size_t i = 0; i < subscribers_.size(); ++i) {
    auto& subscriber = subscribers_[i];
    if (subscriber.descriptor >= 0) close(subscriber.descriptor);
    subscriber.descriptor = -1;
    subscriber.state = State::away;
    subscriber.unread.clear();
    away_.push({0, i});
  }
}

void Subscribers::signal_goal() {
  const auto goal = notes_.goal.load();
  if (goal == 0 || notes_.frames < goal) return;
  notes_.goal = 0;
  const std::uint64_t one = 1;
  if (write(goal_reached_, &one, sizeof one) < 0) fail("eventfd");
}

}  // namespace fechatter::bench
