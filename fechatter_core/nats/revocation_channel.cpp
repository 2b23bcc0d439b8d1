#include "fechatter_core/nats/revocation_channel.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::nats {
namespace {

constexpr std::size_t sessions_max = 1000;  // of one message
constexpr std::chrono::milliseconds patience{200};
constexpr std::chrono::milliseconds reconnect_pause{500};

}  // namespace

std::optional<std::vector<SessionId>> parse_sessions(std::string_view text) {
  std::vector<SessionId> sessions;
  const auto* next = text.data();
  const auto* end = next + text.size();
  while (next != end) {
    std::int64_t id = 0;
    const auto [last, error] = std::from_chars(next, end, id);
    const bool separated = last == end || *last == ' ';
    if (error != std::errc{} || id <= 0 || !separated || sessions.size() == sessions_max) {
      return std::nullopt;
    }
    sessions.push_back(SessionId{id});
    next = last == end ? last : last + 1;
  }
  return sessions;
}

RevocationChannel::RevocationChannel(Settings settings, auth::RevokedSessions& revoked,
                                     OnRevoked on_revoked)
    : settings_{std::move(settings)}, revoked_{revoked}, on_revoked_{std::move(on_revoked)} {
  thread_ = std::thread{[this] { run(); }};
}

RevocationChannel::~RevocationChannel() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RevocationChannel::announce(const std::vector<SessionId>& sessions) {
  if (sessions.empty()) return;
  add(sessions);
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock{mutex_};
    connection = connection_;
  }
  if (!connection) return;
  try {
    for (std::size_t first = 0; first < sessions.size(); first += sessions_max) {
      const auto last = std::min(first + sessions_max, sessions.size());
      std::string text;
      for (auto i = first; i < last; ++i) {
        if (!text.empty()) text += ' ';
        text += std::to_string(sessions[i].value);
      }
      connection->publish(event::revocation_subject, text);
    }
  } catch (const Failure& failure) {
    spdlog::debug("revocation not announced: {}", failure.what());
  }
}

bool RevocationChannel::connected() const {
  const std::lock_guard lock{mutex_};
  return connection_ && connection_->alive();
}

void RevocationChannel::run() {
  while (!stopping()) {
    try {
      const auto connection = std::make_shared<Connection>(settings_);
      listen(connection);
    } catch (const Failure& failure) {
      spdlog::debug("revocations are not heard: {}", failure.what());
    }
    set_connection(nullptr);
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, reconnect_pause, [this] { return stopping_; });
  }
}

void RevocationChannel::listen(const std::shared_ptr<Connection>& connection) {
  auto subscription = connection->subscribe(event::revocation_subject);
  connection->ping(std::chrono::seconds{2});  // from here on nothing is missed
  set_connection(connection);
  while (!stopping()) {
    const auto message = subscription.next(patience);
    if (!message) continue;
    const auto sessions = parse_sessions(message->data());
    if (sessions) {
      add(*sessions);
    } else {
      spdlog::warn("a message on {} is no list of sessions", event::revocation_subject);
    }
  }
}

void RevocationChannel::add(const std::vector<SessionId>& sessions) {
  std::vector<std::pair<SessionId, Timestamp>> revoked;
  revoked.reserve(sessions.size());
  for (const auto session : sessions) revoked.emplace_back(session, now());
  const auto fresh = revoked_.add(revoked);
  if (!fresh.empty() && on_revoked_) on_revoked_(fresh);
}

void RevocationChannel::set_connection(std::shared_ptr<Connection> connection) {
  const std::lock_guard lock{mutex_};
  connection_ = std::move(connection);
}

bool RevocationChannel::stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

}  // namespace fechatter::nats
