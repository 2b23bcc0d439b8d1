#include "bench/bare_streams.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "bench/crowd.hpp"

namespace fechatter::bench {
namespace {

constexpr std::string_view greeting =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n"
    "retry: 3000\n\nid: 1-1\nevent: CaughtUp\ndata: {\"event\":\"CaughtUp\",\"cursor\":\"1-1\"}"
    "\n\n";

}  // namespace

std::string bare_stream_request(std::size_t subscriber) {
  return stream_request(std::to_string(subscriber));
}

BareStreams::BareStreams(std::uint16_t port, std::size_t group)
    : group_{group},
      epoll_{epoll_create1(EPOLL_CLOEXEC)},
      listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, SOMAXCONN) != 0) {
    fail("listen");
  }
  watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
}

void BareStreams::watch(int descriptor, std::uint32_t events, int operation) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  if (epoll_ctl(epoll_, operation, descriptor, &event) != 0) fail("epoll_ctl");
}

bool BareStreams::serve(int source, int milliseconds) {
  if (source >= 0 && source != source_) {
    watch(source, EPOLLIN, EPOLL_CTL_ADD);
    source_ = source;
  }
  std::array<epoll_event, 256> events{};
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
  check_not_stopped();
  bool readable = false;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == listener_) {
      accept_all();
    } else if (event.data.fd == source) {
      readable = true;
    } else if ((event.events & EPOLLOUT) != 0) {
      send_waiting(event.data.fd);
    } else {
      read_request(event.data.fd);
    }
  }
  return readable;
}

void BareStreams::accept_all() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (streams_.size() <= static_cast<std::size_t>(fd)) {
      streams_.resize(static_cast<std::size_t>(fd) + 1);
    }
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void BareStreams::read_request(int descriptor) {
  std::array<char, 1024> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto received = recv(descriptor, bytes.data(), bytes.size(), 0);
  if (received <= 0) return forget(descriptor);
  auto& stream = streams_[static_cast<std::size_t>(descriptor)];
  if (stream.chat) return;
  const std::string_view request{bytes.data(), static_cast<std::size_t>(received)};
  constexpr std::string_view before = "Bearer ";
  const auto token = request.substr(request.find(before) + before.size());
  std::size_t subscriber = 0;
  std::from_chars(token.data(), token.data() + token.size(), subscriber);
  const auto chat = subscriber / group_;
  if (chats_.size() <= chat) chats_.resize(chat + 1);
  chats_[chat].push_back(descriptor);
  stream.chat = chat;
  send_or_keep(descriptor, greeting);
}

void BareStreams::forget(int descriptor) {
  auto& stream = streams_[static_cast<std::size_t>(descriptor)];
  if (stream.chat) std::erase(chats_[*stream.chat], descriptor);
  stream = {};
  close(descriptor);
}

void BareStreams::deliver(std::size_t chat, std::string_view frame) {
  if (chat >= chats_.size()) return;
  for (const int descriptor : chats_[chat]) send_or_keep(descriptor, frame);
}

void BareStreams::send_or_keep(int descriptor, std::string_view bytes) {
  auto& waiting = streams_[static_cast<std::size_t>(descriptor)].waiting;
  if (!waiting.empty()) {
    waiting.append(bytes);
    return;
  }
  const auto sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == static_cast<ssize_t>(bytes.size()) || (sent < 0 && errno != EAGAIN)) return;
  waiting.assign(bytes.substr(sent < 0 ? 0 : static_cast<std::size_t>(sent)));
  watch(descriptor, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

void BareStreams::send_waiting(int descriptor) {
  auto& waiting = streams_[static_cast<std::size_t>(descriptor)].waiting;
  const auto sent = send(descriptor, waiting.data(), waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) waiting.erase(0, static_cast<std::size_t>(sent));
  if (waiting.empty()) watch(descriptor, EPOLLIN, EPOLL_CTL_MOD);
}

}  // namespace fechatter::bench
