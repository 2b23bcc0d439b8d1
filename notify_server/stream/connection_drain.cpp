#include "notify_server/stream/connection_drain.hpp"

namespace fechatter::notify {
namespace {

constexpr std::chrono::milliseconds step{50};

}  // namespace

void ConnectionDrain::begin(std::chrono::milliseconds window) {
  begun_ = true;
  if (connections_.empty()) return finished_.set_value();
  close_share(static_cast<std::size_t>(window / step) + 1);
}

void ConnectionDrain::close_share(std::size_t steps_left) {
  connections_.drain_last((connections_.size() + steps_left - 1) / steps_left);
  if (connections_.empty()) return;
  timer_.expires_after(step);
  timer_.async_wait([this, steps_left](const auto& error) {
    if (!error) close_share(steps_left - 1);
  });
}

void ConnectionDrain::on_closed() {
  if (begun_ && connections_.empty()) finished_.set_value();
}

}  // namespace fechatter::notify
