#include "fechatter_core/http/settings.hpp"

namespace fechatter::http {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t ten_years = std::int64_t{10} * 365 * 24 * 3600;
constexpr std::int64_t rate_max = 1'000'000'000;
constexpr std::int64_t burst_max = 10'000'000;  // at one a minute, the time to refill fits 64 bits

void check_network(const std::string& network) {
  Networks{{network}};
}

}  // namespace

void bind_http(Config& config, Limits& limits, EdgeSettings& edge) {
  config.bind("http.header_bytes_max", limits.header_bytes_max, 1024, mebibyte);
  config.bind("http.header_count_max", limits.header_count_max, 10, 1000);
  config.bind("http.body_bytes_max", limits.body_bytes_max, 1024, 64 * mebibyte);
  config.bind("http.connections_max", limits.connections_max, 1, 1'000'000);
  config.bind("http.connections_per_address_max", limits.connections_per_address_max, 1, 1'000'000);
  config.bind("http.header_timeout_ms", limits.header_timeout, 100, 10 * minute_ms);
  config.bind("http.body_timeout_ms", limits.body_timeout, 100, 10 * minute_ms);
  config.bind("http.body_rate_min", limits.body_rate_min, 1, 1024 * mebibyte);
  config.bind("http.idle_timeout_ms", limits.idle_timeout, 100, 60 * minute_ms);
  config.bind("http.write_timeout_ms", limits.write_timeout, 100, 10 * minute_ms);
  config.bind("http.linger_timeout_ms", limits.linger_timeout, 100, 10 * minute_ms);
  config.bind("http.linger_bytes_max", limits.linger_bytes_max, 1024, 1024 * mebibyte);
  config.bind("http.cors_origins", edge.cors_origins, Cors::check_origin);
  config.bind("http.trusted_proxies", edge.trusted_proxies, check_network);
  config.bind("http.internal_addresses", edge.internal_addresses, check_network);
  config.bind("log.requests", edge.log_requests);
  config.bind("http.strict_transport_seconds", edge.strict_transport_age, 0, ten_years);
}

void bind_user_limits(Config& config, RateSettings& limits) {
  config.bind("limits.enabled", limits.enabled);
  config.bind("limits.user_per_second", limits.user.count, 1, rate_max);
  config.bind("limits.user_burst", limits.user.burst, 1, burst_max);
  config.bind("limits.buckets_max", limits.buckets_max, 1, 10'000'000);
}

void bind_sign_in_limits(Config& config, RateSettings& limits) {
  config.bind("limits.sign_in_per_minute", limits.sign_in.count, 1, rate_max);
  config.bind("limits.sign_in_burst", limits.sign_in.burst, 1, burst_max);
  config.bind("limits.account_per_minute", limits.account.count, 1, rate_max);
  config.bind("limits.account_burst", limits.account.burst, 1, burst_max);
  config.bind("limits.device_per_minute", limits.device.count, 1, rate_max);
  config.bind("limits.device_burst", limits.device.burst, 1, burst_max);
  config.bind("limits.address_per_minute", limits.address.count, 1, rate_max);
  config.bind("limits.address_burst", limits.address.burst, 1, burst_max);
  config.bind("limits.wider_network_factor", limits.wider_factor, 1, 1000);
}

void bind_stranger_limits(Config& config, RateSettings& limits) {
  config.bind("limits.stranger_per_second", limits.stranger.count, 1, rate_max);
  config.bind("limits.stranger_burst", limits.stranger.burst, 1, burst_max);
}

void bind_page_limits(Config& config, RateSettings& limits) {
  config.bind("limits.page_per_second", limits.page.count, 1, rate_max);
  config.bind("limits.page_burst", limits.page.burst, 1, burst_max);
}

void bind_search_limits(Config& config, RateSettings& limits) {
  config.bind("limits.search_per_second", limits.search.count, 1, rate_max);
  config.bind("limits.search_burst", limits.search.burst, 1, burst_max);
}

void bind_answer_limits(Config& config, RateSettings& limits) {
  config.bind("limits.reads_at_once", limits.reads_at_once, 1, 1000);
  config.bind("limits.answer_kib_per_second", limits.answers.count, 1, rate_max);
  config.bind("limits.answer_kib_burst", limits.answers.burst, 1, burst_max);
  config.bind("limits.heavy_slots", limits.heavy_slots, 1, 1000);
  config.bind("limits.heavy_rest", limits.heavy_rest, 0, 100);
  config.bind("limits.heavy_queue_max", limits.heavy_queue_max, 0, 100'000);
}

Edge make_edge(const EdgeSettings& settings, observability::TracerPtr tracer, PasswordTries tries) {
  Edge edge;
  edge.tracer = std::move(tracer);
  edge.log_requests = settings.log_requests;
  if (!settings.cors_origins.empty()) edge.cors = Cors{settings.cors_origins};
  edge.proxies = TrustedProxies{settings.trusted_proxies};
  edge.internal = InternalCallers{settings.internal_addresses};
  const auto age = settings.strict_transport_age.count();
  if (age > 0) edge.strict_transport = "max-age=" + std::to_string(age);
  if (settings.limits.enabled) {
    edge.limits = std::make_shared<RateLimits>(settings.limits, std::move(tries));
  }
  return edge;
}

}  // namespace fechatter::http
