#pragma once

#include <chrono>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/config.hpp"
#include "fechatter_core/http/rate_limiter.hpp"

namespace fechatter::server {

// What a request writes. Each kind but `other` has a small rate of its own: one such request writes
// many rows, has many recipients, or makes something that stays.
enum class Write { members, profile, chat, invitation, other };

// Section `limits`, beside the rates of requests.
struct WriteRateSettings {
  http::Quota members{60, std::chrono::minutes{1}, 60};  // requests of one user
  http::Quota profiles{10, std::chrono::minutes{1}, 20};
  http::Quota chats{20, std::chrono::minutes{1}, 60};
  http::Quota invitations{20, std::chrono::minutes{1}, 60};
  http::Quota user_rows{100, std::chrono::seconds{1}, 1000};       // of one user
  http::Quota workspace_rows{500, std::chrono::seconds{1}, 2000};  // of all users of a workspace
};

// Binds the keys. REQUIRES: `settings` outlives the loading.
void bind_write_rates(Config& config, WriteRateSettings& settings);

// Limits what is written, because a request that takes one token of the rate of requests can write
// a thousand rows; and how much each workspace writes, because the events of all workspaces pass
// through one relay. Counts in this process, as http::RateLimits. Any thread.
class WriteRates {
 public:
  // Nothing is limited unless `enabled`.
  WriteRates(const WriteRateSettings& settings, bool enabled, std::size_t buckets_max,
             const http::RateLimiter::Now& now = http::RateLimiter::Clock::now);

  // Charges a request that is about to write `rows`: a message, a membership, a chat count as one
  // each. Throws rate_limited with the time to wait.
  void charge(const auth::Identity& user, Write kind, std::size_t rows = 1);

 private:
  http::RateLimiter* limiter_of(Write kind);

  const bool enabled_;
  http::RateLimiter members_;
  http::RateLimiter profiles_;
  http::RateLimiter chats_;
  http::RateLimiter invitations_;
  http::RateLimiter user_rows_;
  http::RateLimiter workspace_rows_;
};

}  // namespace fechatter::server
