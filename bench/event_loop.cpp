#include "bench/event_loop.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <utility>

namespace fechatter::bench {
namespace {

volatile std::sig_atomic_t signalled = 0;

void note_signal(int /*number*/) {
  signalled = 1;
}

int milliseconds_until(Clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000));
}

}  // namespace

void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

void take_signals() {
  struct sigaction action = {};
  action.sa_handler = note_signal;  // without SA_RESTART: a blocking call returns
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void check_not_stopped() {
  if (signalled != 0) throw Stopped{};
}

Socket::Socket(std::uint16_t port) : descriptor_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  if (descriptor_ < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
      fcntl(descriptor_, F_SETFL, O_NONBLOCK) != 0) {
    const int why = errno;
    close(descriptor_);
    errno = why;
    fail("connect");
  }
}

Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void Socket::write(std::string_view bytes) const {
  const auto sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) fail("send");
  if (static_cast<std::size_t>(sent) != bytes.size()) throw std::runtime_error{"a short write"};
}

bool Socket::read(std::string& buffer) const {
  std::array<char, 16384> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (true) {
    const auto received = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) return errno == EAGAIN;
    if (received == 0) return false;
    buffer.append(bytes.data(), static_cast<std::size_t>(received));
    if (static_cast<std::size_t>(received) < bytes.size()) return true;
  }
}

EventLoop::EventLoop() : descriptor_{epoll_create1(EPOLL_CLOEXEC)} {
  if (descriptor_ < 0) fail("epoll_create1");
}

EventLoop::~EventLoop() {
  close(descriptor_);
}

void EventLoop::add(const Socket& socket, Reader& reader) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &reader;
  if (epoll_ctl(descriptor_, EPOLL_CTL_ADD, socket.descriptor(), &event) != 0) fail("epoll_ctl");
}

void EventLoop::run_until(Clock::time_point end) {
  while (Clock::now() < end) serve_once(end);
}

bool EventLoop::run_until(const std::function<bool()>& is_done, Clock::duration time) {
  const auto end = Clock::now() + time;
  while (!is_done()) {
    if (Clock::now() >= end) return false;
    serve_once(end);
  }
  return true;
}

void EventLoop::serve_once(Clock::time_point end) {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(descriptor_, events.data(), static_cast<int>(events.size()),
                               milliseconds_until(end));
  check_not_stopped();
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  for (int i = 0; i < count; ++i) {
    static_cast<Reader*>(events[static_cast<std::size_t>(i)].data.ptr)->readable();
  }
}

}  // namespace fechatter::bench
