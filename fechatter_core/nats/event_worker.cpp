#include "fechatter_core/nats/event_worker.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "fechatter_core/nats/turns.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_min{200};
constexpr milliseconds pause_max{5000};
constexpr milliseconds stream_poll_interval{200};
constexpr std::chrono::seconds lag_interval{1};
constexpr std::size_t window_batches = 4;
constexpr std::size_t window_events_max = 1024;

}  // namespace

bool EventWorker::Backoff::fail(const std::string& what) {
  const bool is_new = cause != what;
  pause = is_new ? pause_min : std::min(pause * 2, pause_max);
  cause = what;
  return is_new;
}

void EventWorker::Backoff::reset() {
  cause.clear();
  pause = milliseconds{0};
}

EventWorker::EventWorker(WorkerSettings settings, EventHandler& handler)
    : settings_{std::move(settings)},
      handler_{handler},
      batch_size_{{settings_.limits.max, settings_.limits.bytes_max}} {
  thread_ = std::thread{[this] { run(); }};
}

EventWorker::~EventWorker() {
  stop_.stop();
  thread_.join();
}

void EventWorker::run() {
  while (!stop_.stopped()) {
    try {
      Connection connection{settings_.nats};
      serve(connection);
    } catch (const std::exception& error) {
      if (connecting_.fail(error.what())) {
        spdlog::warn("worker {}: {}; reconnecting", settings_.name, error.what());
      }
      stop_.pause(connecting_.pause);
    }
  }
}

void EventWorker::serve(Connection& connection) {
  if (!wait_for_stream(connection)) return;
  PullConsumer consumer{connection, settings_.name, settings_.ack_wait};
  lag_ = consumer.lag();
  spdlog::info("worker {}: connected, consumer lag {}", settings_.name, lag_.load());
  while (!stop_.stopped()) {
    auto window = consumer.fetch(window_limits(), stop_);
    if (!connection.alive()) throw Failure{"fetch", NATS_CONNECTION_CLOSED};
    process_window(consumer, std::move(window));
    refresh_lag(consumer);
    connecting_.reset();
  }
}

BatchLimits EventWorker::window_limits() const {
  const auto size = batch_size_.size();
  auto limits = settings_.limits;
  limits.max = std::max(size.count, std::min(size.count * window_batches, window_events_max));
  limits.min = std::min(limits.min, size.count);
  limits.bytes_max = size.bytes * window_batches;
  return limits;
}

bool EventWorker::wait_for_stream(Connection& connection) {
  for (bool logged = false; !stop_.stopped(); logged = true) {
    if (stream_exists(connection)) return true;
    if (!logged)
      spdlog::info("worker {}: waiting for the stream {}", settings_.name, event::stream_name);
    stop_.pause(stream_poll_interval);
  }
  return false;
}

// Fails when the consumer was deleted, which a fetch alone does not show.
void EventWorker::refresh_lag(PullConsumer& consumer) {
  const auto now = Clock::now();
  if (now - lag_read_at_ < lag_interval) return;
  lag_ = consumer.lag();
  lag_read_at_ = now;
}

void EventWorker::process_window(PullConsumer& consumer, Batch window) {
  auto batches = by_turns(std::move(window), batch_size_.size());
  auto extended_at = Clock::now();
  bool working = true;
  for (auto next = batches.begin(); next != batches.end(); ++next) {
    if (!working || (next != batches.begin() && stop_.stopped())) {
      nak_from(consumer, *next, 0, handling_.pause);
      continue;
    }
    if (Clock::now() - extended_at > settings_.ack_wait / 4) {
      for (auto waiting = next; waiting != batches.end(); ++waiting) {
        for (const auto& message : waiting->messages) consumer.extend_ack_wait(message);
      }
      extended_at = Clock::now();
    }
    working = process(consumer, *next);
  }
  if (!working) stop_.pause(handling_.pause);
}

bool EventWorker::process(PullConsumer& consumer, Batch& batch) {
  const auto began = Clock::now();
  if (!handle(consumer, batch)) {
    batch_size_.failed();
    return false;
  }
  if (!handling_.cause.empty()) spdlog::info("worker {}: working again", settings_.name);
  handling_.reset();
  const auto worked = std::chrono::ceil<milliseconds>(Clock::now() - began);
  if (worked > settings_.ack_wait / 2) {
    batch_size_.failed();
  } else {
    batch_size_.succeeded();
  }
  const bool is_full = batch.size() >= settings_.limits.max;
  const int rest = is_full ? settings_.rest_per_full_batch : settings_.rest_per_work;
  stop_.pause(std::min(worked * rest, settings_.rest_max));
  return true;
}

bool EventWorker::handle(PullConsumer& consumer, Batch& batch) {
  std::vector<RefusedEvent> refused;
  try {
    refused = handler_.handle(batch.events);
  } catch (const EventRefusal& refusal) {
    if (batch.size() > 1) return handle_one_by_one(consumer, batch);
    refused.push_back({0, refusal.what()});
  } catch (const std::exception& error) {
    if (handling_.fail(error.what())) {
      spdlog::warn("worker {}: {}; {} events will be redelivered", settings_.name, error.what(),
                   batch.size());
    }
    nak_from(consumer, batch, 0, handling_.pause);
    counts_.failed.add(batch.size());
    return false;
  }
  settle(consumer, batch, refused);
  return true;
}

// The other events of the batch do not wait for the refused one.
bool EventWorker::handle_one_by_one(PullConsumer& consumer, Batch& batch) {
  auto extended_at = Clock::now();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (stop_.stopped()) {
      nak_from(consumer, batch, i, milliseconds{0});
      return true;
    }
    if (Clock::now() - extended_at > settings_.ack_wait / 4) {
      for (auto j = i; j < batch.size(); ++j) consumer.extend_ack_wait(batch.messages[j]);
      extended_at = Clock::now();
    }
    Batch one;
    one.events.push_back(std::move(batch.events[i]));
    one.messages.push_back(std::move(batch.messages[i]));
    if (!handle(consumer, one)) {
      nak_from(consumer, batch, i + 1, handling_.pause);
      return false;
    }
  }
  return true;
}

void EventWorker::settle(PullConsumer& consumer, const Batch& batch,
                         const std::vector<RefusedEvent>& refused) {
  std::vector<bool> is_refused(batch.size(), false);
  for (const auto& [index, reason] : refused) {
    is_refused.at(index) = true;
    spdlog::error("worker {}: event {} moved to the dead-letter stream: {}", settings_.name,
                  batch.events[index].message_id, reason);
    consumer.dead_letter(batch.messages[index], reason);
    counts_.dead_lettered.add();
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!is_refused[i]) consumer.ack(batch.messages[i]);
  }
  counts_.acked.add(batch.size() - refused.size());
}

void EventWorker::nak_from(PullConsumer& consumer, const Batch& batch, std::size_t first,
                           milliseconds delay) {
  for (auto i = first; i < batch.size(); ++i) consumer.nak(batch.messages[i], delay);
}

}  // namespace fechatter::nats
