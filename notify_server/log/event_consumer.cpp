#include "notify_server/log/event_consumer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "notify_server/stream/hub.hpp"

namespace fechatter::notify {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_backoff{50};
constexpr milliseconds longest_backoff{1000};

}  // namespace

EventConsumer::EventConsumer(ConsumerSettings settings, Hub& hub)
    : settings_{std::move(settings)},
      hub_{hub},
      erasures_{settings_.database_url},
      follower_{settings_.rules, erasures_} {}

EventConsumer::~EventConsumer() {
  stop();
}

void EventConsumer::start() {
  thread_ = std::thread{[this] { run(); }};
}

void EventConsumer::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool EventConsumer::wait_until_warmed_up(milliseconds timeout) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, timeout, [this] { return warmed_up_ || stopping_; });
  return warmed_up_;
}

void EventConsumer::run() {
  do {
    try {
      follow();
    } catch (const nats::Failure& failure) {
      const auto level = backoff_.count() == 0 ? spdlog::level::warn : spdlog::level::debug;
      spdlog::log(level, "consumer disconnected: {}", failure.what());
      deliver();
    }
    counts_.connected = false;
    follower_.give_up();
    backoff_ = std::clamp(backoff_ * 2, shortest_backoff, longest_backoff);
  } while (pause(backoff_));
}

// One connection to NATS, until it is lost.
void EventConsumer::follow() {
  nats::Connection connection{settings_.nats};
  nats::JetStream stream{connection};
  counts_.connected = true;
  counts_.connects.add();
  milliseconds wait{0};
  do {
    wait = follower_.step(stream);
    deliver();
    backoff_ = milliseconds{0};
  } while (pause(wait));
}

void EventConsumer::deliver() {
  const auto updates = follower_.take_updates();
  for (const auto& update : updates) {
    if (update.kind == StreamUpdate::Kind::event) counts_.events.add();
    if (update.kind == StreamUpdate::Kind::lost) counts_.losses.add();
  }
  const auto [epoch, stream_seq] = follower_.position();
  counts_.epoch = epoch;
  counts_.stream_seq = stream_seq;
  counts_.lag = follower_.lag();
  hub_.deliver(updates);
}

// False: stop() was called.
bool EventConsumer::pause(milliseconds time) {
  std::unique_lock lock{mutex_};
  if (follower_.warmed_up() && !std::exchange(warmed_up_, true)) changed_.notify_all();
  if (time.count() > 0) changed_.wait_for(lock, time, [this] { return stopping_; });
  return !stopping_;
}

}  // namespace fechatter::notify
