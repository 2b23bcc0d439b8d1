#include "fechatter_server/outbox/outbox_relay.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::milliseconds retry_interval{200};

std::string holder_name() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return fmt::format("{}:{}", host, getpid());
}

}  // namespace

// What the thread is told. Shared with the callbacks of nats.c, which may outlive the relay for a
// moment.
struct OutboxRelay::Signal {
  struct News {
    bool grown = false;  // our outbox, or, as we were told, another instance's
    bool told = false;
    std::optional<event::StreamObservation> seen;
  };

  std::mutex mutex;
  std::condition_variable changed;
  News news;
  bool stopping = false;

  template <class Change>
  void change(Change apply) {
    {
      const std::lock_guard lock{mutex};
      apply(*this);
    }
    changed.notify_all();
  }

  // What was said since the last call.
  News wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, timeout,
                     [this] { return news.grown || news.told || news.seen || stopping; });
    return std::exchange(news, {});
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

// What others say to the holder of the lease, for as long as this object lives.
struct OutboxRelay::Calls {
  Calls(nats::Connection& connection, const std::shared_ptr<Signal>& signal)
      : wakes{subscribe(connection, event::outbox_wake_subject, on_wake, signal)},
        witnesses{subscribe(connection, event::verify_subject, on_witness, signal)} {}

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
    (*static_cast<Closure*>(closure))->change([](Signal& signal) { signal.news.told = true; });
  }
  static void on_witness(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
    const nats::Message message{raw};
    auto seen = event::parse_observation(message.data());
    if (!seen) return;
    (*static_cast<Closure*>(closure))->change([&](Signal& signal) {
      signal.news.seen = std::move(seen);
    });
  }

  nats::Subscription wakes;
  nats::Subscription witnesses;
};

OutboxRelay::OutboxRelay(RelaySettings settings)
    : settings_{std::move(settings)},
      signal_{std::make_shared<Signal>()},
      store_{settings_.database_url},
      relay_{settings_.rules, store_, holder_name()} {
  thread_ = std::thread{[this] { run(); }};
}

OutboxRelay::~OutboxRelay() {
  signal_->change([](Signal& signal) { signal.stopping = true; });
  thread_.join();
}

void OutboxRelay::wake() {
  signal_->change([](Signal& signal) { signal.news.grown = true; });
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
      spdlog::warn("relay: the lease ends by itself: {}", error.what());
    }
    signal_->pause(retry_interval);
  }
}

// Until the relay stops.
void OutboxRelay::serve(nats::Connection& connection) {
  nats::JetStream stream{connection, settings_.stream};
  const Calls calls{connection, signal_};
  while (!signal_->is_stopping()) {
    const auto pause = relay_.step(stream);
    auto news = signal_->wait(pause);
    if (!connection.alive()) throw nats::Failure{"relay", NATS_CONNECTION_CLOSED};
    if (!relay_.holding()) {
      if (news.grown) connection.publish(event::outbox_wake_subject, "");
    } else if (news.seen) {
      relay_.verify(std::move(*news.seen));
    }
  }
}

}  // namespace fechatter::server
