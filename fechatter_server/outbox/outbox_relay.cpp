#include "fechatter_server/outbox/outbox_relay.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::milliseconds publish_again_interval{200};

std::string holder_name() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return fmt::format("{}:{}", host, getpid());
}

}  // namespace

// What wakes the thread. Shared with the callbacks of nats.c, which may outlive the relay for a
// moment.
struct OutboxRelay::Signal {
  struct Wakes {
    bool by_this_instance = false;
    bool by_another = false;  // when this one holds the lease
    std::optional<event::StreamObservation> observation;
  };

  std::mutex mutex;
  std::condition_variable changed;
  Wakes wakes;
  bool stopping = false;

  template <class Change>
  void change(Change apply) {
    {
      const std::lock_guard lock{mutex};
      apply(*this);
    }
    changed.notify_all();
  }

  // The wakes since the last call.
  Wakes wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, timeout, [this] {
      return wakes.by_this_instance || wakes.by_another || wakes.observation || stopping;
    });
    return std::exchange(wakes, {});
  }

  // Ends early only when the relay stops.
  void pause(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, time, [this] { return stopping; });
  }

  bool is_stopping() {
    const std::lock_guard lock{mutex};
    return stopping;
  }
};

// The messages of core NATS to the holder of the lease: outbox wakes and observations of the
// stream. Received for as long as this object lives, on threads of nats.c.
struct OutboxRelay::Subscriptions {
  Subscriptions(nats::Connection& connection, const std::shared_ptr<Signal>& signal)
      : wakes{subscribe(connection, event::outbox_wake_subject, on_wake, signal)},
        observations{subscribe(connection, event::verify_subject, on_observation, signal)} {}

  using Closure = std::shared_ptr<Signal>;
  static nats::Subscription subscribe(nats::Connection& connection, const char* subject,
                                      natsMsgHandler handler, const Closure& signal) {
    auto closure = std::make_unique<Closure>(signal);
    natsSubscription* raw = nullptr;
    nats::check(natsConnection_Subscribe(&raw, connection.raw(), subject, handler, closure.get()),
                "subscribe");
    auto subscription = connection.own(raw);
    // Frees the closure when no callback can come any more.
    nats::check(natsSubscription_SetOnCompleteCB(
                    raw, [](void* done) { delete static_cast<Closure*>(done); }, closure.get()),
                "complete");
    closure.release();
    return subscription;
  }

  static void on_wake(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
    const nats::Message message{raw};
    (*static_cast<Closure*>(closure))->change([](Signal& signal) {
      signal.wakes.by_another = true;
    });
  }
  static void on_observation(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
    const nats::Message message{raw};
    auto observation = event::parse_observation(message.data());
    if (!observation) return;
    (*static_cast<Closure*>(closure))->change([&](Signal& signal) {
      signal.wakes.observation = std::move(observation);
    });
  }

  nats::Subscription wakes;
  nats::Subscription observations;
};

OutboxRelay::OutboxRelay(RelaySettings settings)
    : settings_{std::move(settings)},
      signal_{std::make_shared<Signal>()},
      store_{settings_.database_url, settings_.fan_out, settings_.statement_timeout},
      relay_{settings_.rules, store_, holder_name()} {
  thread_ = std::thread{[this] { run(); }};
}

OutboxRelay::~OutboxRelay() {
  signal_->change([](Signal& signal) { signal.stopping = true; });
  thread_.join();
}

void OutboxRelay::wake() {
  signal_->change([](Signal& signal) { signal.wakes.by_this_instance = true; });
}

void OutboxRelay::run() {
  std::string last_trouble;
  while (!signal_->is_stopping()) {
    try {
      nats::Connection connection{settings_.nats};
      if (!last_trouble.empty()) spdlog::info("relay: working again");
      last_trouble.clear();
      serve(connection);
    } catch (const std::exception& error) {
      if (last_trouble != error.what()) spdlog::warn("relay: {}", error.what());
      last_trouble = error.what();
    }
    try {
      relay_.give_up();
    } catch (const std::exception& error) {
      spdlog::warn("relay: lease not released, it expires: {}", error.what());
    }
    signal_->pause(publish_again_interval);
  }
}

// Until the relay stops or fails.
void OutboxRelay::serve(nats::Connection& connection) {
  nats::JetStream stream{connection, settings_.stream};
  stream.apply_limits();
  const Subscriptions subscriptions{connection, signal_};
  while (!signal_->is_stopping()) {
    const auto pause = relay_.step(stream);
    auto wakes = signal_->wait(pause);
    if (!connection.alive()) throw nats::Failure{"relay", NATS_CONNECTION_CLOSED};
    if (!relay_.holding()) {
      if (wakes.by_this_instance) connection.publish(event::outbox_wake_subject, "");
    } else if (wakes.observation) {
      relay_.verify(std::move(*wakes.observation));
    }
  }
}

}  // namespace fechatter::server
