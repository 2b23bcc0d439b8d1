#include "bench/crowd.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>
#include <stdexcept>

#include "bench/subscribers.hpp"

namespace fechatter::bench {

std::int64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string stamp_of(std::int64_t ns) {
  return fmt::format("{}{:019}", stamp_mark, ns);
}

std::string stream_request(const std::string& token) {
  return fmt::format(
      "GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
      "Authorization: Bearer {}\r\n",
      token);
}

Crowd::Crowd(CrowdOptions options)
    : size_{options.requests.size()},
      goal_reached_{eventfd(0, EFD_CLOEXEC)},
      command_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      child_{[this, &options] { live(options); }} {}

Crowd::~Crowd() {
  close(goal_reached_);
  close(command_);
}

void Crowd::live(const CrowdOptions& options) const {
  Subscribers{options, *notes_, goal_reached_, command_}.run();
}

void Crowd::wait_until_open(std::chrono::seconds time) {
  const auto end = Clock::now() + time;
  while (notes_->open < size_) {
    check_not_stopped();
    if (notes_->refused > 0) throw std::runtime_error{"a stream was refused"};
    if (Clock::now() > end) {
      throw std::runtime_error{fmt::format("{} of {} streams opened in {} s; {} did not connect",
                                           notes_->open.load(), size_, time.count(),
                                           notes_->failed.load())};
    }
    usleep(2000);
  }
}

bool Crowd::wait_for_frames(std::size_t count, std::chrono::milliseconds time) {
  const auto end = Clock::now() + time;
  notes_->goal = count;
  while (notes_->frames < count) {
    check_not_stopped();
    if (Clock::now() > end) return false;
    pollfd entry{goal_reached_, POLLIN, 0};
    std::uint64_t ignored = 0;
    // A goal reached just before it was set is not signalled, hence the 50 ms.
    if (poll(&entry, 1, 50) > 0 && ::read(goal_reached_, &ignored, sizeof ignored) < 0) break;
  }
  return notes_->frames >= count;
}

std::int64_t Crowd::reconnect() {
  notes_->open = 0;
  const auto began = now_ns();
  const std::uint64_t one = 1;
  if (write(command_, &one, sizeof one) < 0)
    throw std::runtime_error{"the process of a crowd has exited"};
  return began;
}

}  // namespace fechatter::bench
