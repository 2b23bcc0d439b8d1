#pragma once

#include <memory>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/body_source.hpp"
#include "fechatter_core/http/rate_limiter.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::server {

// Section `limits`: KiB of files, per user.
struct DownloadRateSettings {
  http::Quota bytes{16 * 1024, std::chrono::seconds{1}, 2 * 1024 * 1024};
};

// Binds the keys. REQUIRES: `settings` outlives the loading.
void bind_download_rates(Config& config, DownloadRateSettings& settings);

// What a user downloads, counted while it is sent: a client that ends a download early has not
// received the rest. It takes nothing from the bucket of answers, so that a large file is not in
// the way of the conversation. Counts in this process, as http::RateLimits. Any thread.
class DownloadRates {
 public:
  // Nothing is limited unless `enabled`.
  DownloadRates(const DownloadRateSettings& settings, bool enabled, std::size_t buckets_max,
                const http::RateLimiter::Now& now = http::RateLimiter::Clock::now);

  // Throws rate_limited with the time to wait while the user's bucket is empty.
  void admit(UserId user) const;
  // The same source, whose bytes count for the user as they are read. This object outlives it.
  std::unique_ptr<http::BodySource> counted(std::unique_ptr<http::BodySource> source, UserId user);

 private:
  const bool enabled_;
  http::RateLimiter bytes_;
};

}  // namespace fechatter::server
