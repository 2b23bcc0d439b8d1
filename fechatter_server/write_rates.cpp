#include "fechatter_server/write_rates.hpp"

namespace fechatter::server {
namespace {

constexpr std::int64_t rate_max = 1'000'000'000;
constexpr std::int64_t burst_max = 10'000'000;

template <class Id>
void charge(http::RateLimiter& limiter, Id id, std::size_t tokens) {
  const auto allowance =
      limiter.charge(static_cast<std::uint64_t>(id.value), static_cast<std::int64_t>(tokens));
  if (!allowance.allowed) throw http::rate_refusal(allowance);
}

}  // namespace

void bind_write_rates(Config& config, WriteRateSettings& settings) {
  config.bind("limits.member_changes_per_minute", settings.members.count, 1, rate_max);
  config.bind("limits.member_changes_burst", settings.members.burst, 1, burst_max);
  config.bind("limits.profile_changes_per_minute", settings.profiles.count, 1, rate_max);
  config.bind("limits.profile_changes_burst", settings.profiles.burst, 1, burst_max);
  config.bind("limits.chats_per_minute", settings.chats.count, 1, rate_max);
  config.bind("limits.chats_burst", settings.chats.burst, 1, burst_max);
  config.bind("limits.invitations_per_minute", settings.invitations.count, 1, rate_max);
  config.bind("limits.invitations_burst", settings.invitations.burst, 1, burst_max);
  config.bind("limits.user_rows_per_second", settings.user_rows.count, 1, rate_max);
  config.bind("limits.user_rows_burst", settings.user_rows.burst, 1, burst_max);
  config.bind("limits.workspace_rows_per_second", settings.workspace_rows.count, 1, rate_max);
  config.bind("limits.workspace_rows_burst", settings.workspace_rows.burst, 1, burst_max);
}

WriteRates::WriteRates(const WriteRateSettings& settings, bool enabled, std::size_t buckets_max,
                       const http::RateLimiter::Now& now)
    : enabled_{enabled},
      members_{settings.members, buckets_max, now},
      profiles_{settings.profiles, buckets_max, now},
      chats_{settings.chats, buckets_max, now},
      invitations_{settings.invitations, buckets_max, now},
      user_rows_{settings.user_rows, buckets_max, now},
      workspace_rows_{settings.workspace_rows, buckets_max, now} {}

void WriteRates::charge(const auth::Identity& user, Write kind, std::size_t rows) {
  if (!enabled_) return;
  if (auto* limiter = limiter_of(kind)) server::charge(*limiter, user.user_id, 1);
  // A refusal takes nothing from the workspace.
  server::charge(user_rows_, user.user_id, rows);
  server::charge(workspace_rows_, user.workspace_id, rows);
}

http::RateLimiter* WriteRates::limiter_of(Write kind) {
  switch (kind) {
    case Write::members: return &members_;
    case Write::profile: return &profiles_;
    case Write::chat: return &chats_;
    case Write::invitation: return &invitations_;
    case Write::other: break;
  }
  return nullptr;
}

}  // namespace fechatter::server
