#include "fechatter_core/http/timed_socket.hpp"

#include <sys/sendfile.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace fechatter::http {
namespace {

using boost::system::error_code;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>{});

std::string textual_address(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string{} : endpoint.address().to_string();
}

// Head and body without their first `sent` bytes.
std::array<asio::const_buffer, 2> remaining(std::string_view head, std::string_view body,
                                            std::size_t sent) {
  const auto of_head = std::min(sent, head.size());
  head.remove_prefix(of_head);
  body.remove_prefix(sent - of_head);
  return {asio::buffer(head), asio::buffer(body)};
}

// Bytes that were accepted; 0: none at this time. nullopt: the peer has closed the connection.
std::optional<std::uint64_t> send_some_of_file(int socket, int file, std::uint64_t offset,
                                               std::uint64_t count) {
  // A broken connection is an error here, and sendfile has no MSG_NOSIGNAL.
  [[maybe_unused]] static const auto former = std::signal(SIGPIPE, SIG_IGN);
  auto from = static_cast<off_t>(offset);
  const auto sent = sendfile(socket, file, &from, static_cast<std::size_t>(count));
  if (sent > 0) return static_cast<std::uint64_t>(sent);
  if (sent == 0) throw std::runtime_error{"the file of the response is too short"};
  if (errno == EAGAIN || errno == EINTR) return 0;
  if (errno == EIO || errno == ENOMEM) {
    throw std::system_error{errno, std::generic_category(), "sendfile"};
  }
  return std::nullopt;
}

}  // namespace

TimedSocket::TimedSocket(Socket socket)
    : executor_{socket.get_executor()},
      socket_{std::move(socket)},
      timer_{executor_},
      peer_address_{textual_address(socket_)} {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  socket_.non_blocking(true, ignored);
}

void TimedSocket::set_deadline(std::chrono::milliseconds from_now) {
  expired_ = false;
  deadline_ = Clock::now() + from_now;
  if (deadline_ < armed_until_) arm();
}

void TimedSocket::begin_deadline(std::chrono::milliseconds from_now) {
  if (deadline_ == never) set_deadline(from_now);
}

void TimedSocket::clear_deadline() {
  expired_ = false;
  deadline_ = never;
}

awaitable<std::size_t> TimedSocket::read_some(char* to, std::size_t size) {
  const auto buffer = asio::buffer(to, size);
  const auto [error, count] = co_await socket_.async_read_some(buffer, quietly);
  co_return error || expired_ ? 0 : count;
}

awaitable<bool> TimedSocket::send(std::string_view head, std::string_view body,
                                  std::chrono::milliseconds timeout) {
  const auto size = head.size() + body.size();
  const auto whole = remaining(head, body, 0);
  error_code error;
  auto sent = socket_.write_some(whole, error);  // nearly always all of it
  if (error && error != asio::error::would_block) co_return false;
  if (sent == size) co_return true;
  set_deadline(timeout);
  while (sent < size) {
    const auto rest = remaining(head, body, sent);
    const auto [failure, count] = co_await socket_.async_write_some(rest, quietly);
    if (failure || expired_) co_return false;
    sent += count;
  }
  clear_deadline();
  co_return true;
}

awaitable<bool> TimedSocket::send_file(int file, std::uint64_t offset, std::uint64_t count,
                                       std::chrono::milliseconds timeout) {
  set_deadline(timeout);
  std::uint64_t progress = 0;  // since the deadline was set
  while (count > 0) {
    const auto sent = send_some_of_file(socket_.native_handle(), file, offset, count);
    if (!sent) co_return false;
    offset += *sent;
    count -= *sent;
    progress += *sent;
    if (progress >= file_progress_min) {
      set_deadline(timeout);
      progress = 0;
    }
    if (*sent > 0) continue;
    const auto [failure] = co_await socket_.async_wait(Socket::wait_write, quietly);
    if (failure || expired_) co_return false;
  }
  clear_deadline();
  co_return true;
}

awaitable<void> TimedSocket::yield() {
  const asio::use_awaitable_t<Executor> token;
  co_await asio::post(executor_, token);
}

bool TimedSocket::has_unread_input() {
  error_code ignored;
  return socket_.available(ignored) > 0;
}

void TimedSocket::shut_down_send() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void TimedSocket::close() {
  clear_deadline();
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

Socket TimedSocket::release() {
  Socket socket = std::move(socket_);
  close();
  return socket;
}

void TimedSocket::begin_evictable_wait() {
  if (waiting_since_.load(std::memory_order_relaxed) != not_waiting) return;
  waiting_since_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

std::optional<std::chrono::steady_clock::time_point> TimedSocket::waiting_since() const {
  const auto since = waiting_since_.load(std::memory_order_relaxed);
  if (since == not_waiting) return std::nullopt;
  return Clock::time_point{Clock::duration{since}};
}

void TimedSocket::end_wait_if_idle() {
  asio::post(executor_, [self = shared_from_this()] {
    if (self->idle_) self->expire();
  });
}

void TimedSocket::cut() {
  asio::post(executor_, [self = shared_from_this()] { self->close(); });
}

void TimedSocket::arm() {
  armed_until_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (self && !error) self->on_timer();
  });
}

void TimedSocket::on_timer() {
  armed_until_ = never;
  if (deadline_ == never) return;
  if (Clock::now() < deadline_) return arm();
  expire();
}

void TimedSocket::expire() {
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace fechatter::http
