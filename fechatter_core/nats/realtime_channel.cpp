#include "fechatter_core/nats/realtime_channel.hpp"

#include <spdlog/spdlog.h>

#include <optional>

namespace fechatter::nats {
namespace {

constexpr std::chrono::milliseconds turn{200};
constexpr std::chrono::milliseconds reconnect_pause{500};

Subscription subscribe(Connection& connection, const std::string& subject,
                       const std::string& queue) {
  if (queue.empty()) return connection.subscribe(subject);
  natsSubscription* raw = nullptr;
  check(natsConnection_QueueSubscribeSync(&raw, connection.raw(), subject.c_str(), queue.c_str()),
        "subscribe");
  return connection.own(raw);
}

}  // namespace

RealtimeChannel::RealtimeChannel(Settings settings, std::string subject, Handlers handlers)
    : settings_{std::move(settings)}, subject_{std::move(subject)}, handlers_{std::move(handlers)} {
  thread_ = std::thread{[this] { run(); }};
}

RealtimeChannel::~RealtimeChannel() {
  stop();
}

void RealtimeChannel::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RealtimeChannel::publish(std::string_view text) {
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock{mutex_};
    connection = connection_;
  }
  if (!connection) return;
  try {
    connection->publish(subject_, text);
  } catch (const Failure& failure) {
    spdlog::debug("publish to {} failed: {}", subject_, failure.what());
  }
}

bool RealtimeChannel::connected() const {
  const std::lock_guard lock{mutex_};
  return connection_ && connection_->alive();
}

bool RealtimeChannel::wait_until_connected(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return changed_.wait_until(lock, deadline, [this] {
    return stopping_ || connection_ != nullptr;
  }) && !stopping_;
}

void RealtimeChannel::run() {
  while (!stopping()) {
    try {
      const auto connection = std::make_shared<Connection>(settings_);
      receive(connection);
    } catch (const Failure& failure) {
      spdlog::debug("subscription to {} failed: {}", subject_, failure.what());
    }
    if (stopping()) return;  // and still able to publish
    set_connection(nullptr);
    run_turn();
    pause(reconnect_pause);
  }
}

void RealtimeChannel::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, time, [this] { return stopping_; });
}

void RealtimeChannel::receive(const std::shared_ptr<Connection>& connection) {
  std::optional<Subscription> subscription;
  if (handlers_.on_message) {
    subscription.emplace(subscribe(*connection, subject_, handlers_.queue));
  }
  connection->ping(std::chrono::seconds{2});  // the server has the subscription now
  set_connection(connection);
  if (handlers_.on_connected) handlers_.on_connected();
  run_turn();
  while (!stopping()) {
    if (subscription) {
      const auto message = subscription->next(turn);
      if (message) handlers_.on_message(message->data());
    } else {
      pause(turn);
      if (!connection->alive()) return;
    }
    run_turn();
  }
}

// At most once in 200 ms, however many messages arrive.
void RealtimeChannel::run_turn() {
  const auto now = std::chrono::steady_clock::now();
  if (!handlers_.on_turn || now - turn_at_ < turn) return;
  turn_at_ = now;
  handlers_.on_turn();
}

void RealtimeChannel::set_connection(std::shared_ptr<Connection> connection) {
  {
    const std::lock_guard lock{mutex_};
    connection_ = std::move(connection);
  }
  changed_.notify_all();
}

bool RealtimeChannel::stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

}  // namespace fechatter::nats
