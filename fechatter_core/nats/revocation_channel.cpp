#include "fechatter_core/nats/revocation_channel.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::nats {
namespace {

constexpr std::size_t sessions_max = 1000;  // of one message

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
    : revoked_{revoked},
      on_revoked_{std::move(on_revoked)},
      channel_{std::move(settings),
               event::revocation_subject,
               {.on_message = [this](std::string_view text) { receive(text); }}} {}

void RevocationChannel::announce(const std::vector<SessionId>& sessions) {
  if (sessions.empty()) return;
  add(sessions);
  for (std::size_t first = 0; first < sessions.size(); first += sessions_max) {
    const auto last = std::min(first + sessions_max, sessions.size());
    std::string text;
    for (auto i = first; i < last; ++i) {
      if (!text.empty()) text += ' ';
      text += std::to_string(sessions[i].value);
    }
    channel_.publish(text);
  }
}

void RevocationChannel::receive(std::string_view text) {
  const auto sessions = parse_sessions(text);
  if (sessions) {
    add(*sessions);
  } else {
    spdlog::warn("revocation: message on {} is no list of sessions", event::revocation_subject);
  }
}

void RevocationChannel::add(const std::vector<SessionId>& sessions) {
  std::vector<std::pair<SessionId, Timestamp>> revoked;
  revoked.reserve(sessions.size());
  for (const auto session : sessions) revoked.emplace_back(session, now());
  const auto fresh = revoked_.add(revoked);
  if (!fresh.empty() && on_revoked_) on_revoked_(fresh);
}

}  // namespace fechatter::nats
