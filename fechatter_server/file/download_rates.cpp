#include "fechatter_server/file/download_rates.hpp"

namespace fechatter::server {
namespace {

constexpr std::int64_t kib_per_second_max = 1'000'000'000;
constexpr std::uint64_t bytes_of_token = 1024;

class CountedSource final : public http::BodySource {
 public:
  CountedSource(std::unique_ptr<http::BodySource> source, http::RateLimiter& limiter, UserId user)
      : source_{std::move(source)}, limiter_{limiter}, user_{user} {}

  std::optional<std::uint64_t> size() const override { return source_->size(); }

  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override {
    const auto read = co_await source_->read(offset, to, count);
    count_bytes(read);
    co_return read;
  }
  int descriptor() const override { return source_->descriptor(); }
  awaitable<std::uint64_t> load(std::uint64_t offset, std::uint64_t count) override {
    const auto loaded = co_await source_->load(offset, count);
    count_bytes(loaded);
    co_return loaded;
  }

 private:
  void count_bytes(std::uint64_t bytes) {
    uncounted_ += bytes;
    if (uncounted_ < bytes_of_token) return;
    limiter_.debit(static_cast<std::uint64_t>(user_.value),
                   static_cast<std::int64_t>(uncounted_ / bytes_of_token));
    uncounted_ %= bytes_of_token;
  }

  const std::unique_ptr<http::BodySource> source_;
  http::RateLimiter& limiter_;
  const UserId user_;
  std::uint64_t uncounted_ = 0;
};

}  // namespace

void bind_download_rates(Config& config, DownloadRateSettings& settings) {
  config.bind("limits.download_kib_per_second", settings.bytes.count, 1, kib_per_second_max);
  config.bind("limits.download_kib_burst", settings.bytes.burst, 1024, kib_per_second_max);
}

DownloadRates::DownloadRates(const DownloadRateSettings& settings, bool enabled,
                             std::size_t buckets_max, const http::RateLimiter::Now& now)
    : enabled_{enabled}, bytes_{settings.bytes, buckets_max, now} {}

void DownloadRates::admit(UserId user) const {
  if (!enabled_) return;
  const auto allowance = bytes_.peek(static_cast<std::uint64_t>(user.value));
  if (!allowance.allowed) throw http::rate_refusal(allowance);
}

std::unique_ptr<http::BodySource> DownloadRates::counted(std::unique_ptr<http::BodySource> source,
                                                         UserId user) {
  if (!enabled_) return source;
  return std::make_unique<CountedSource>(std::move(source), bytes_, user);
}

}  // namespace fechatter::server
