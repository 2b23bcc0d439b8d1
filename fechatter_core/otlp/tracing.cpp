#include "fechatter_core/otlp/tracing.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "fechatter_core/otlp/otlp_json.hpp"

namespace fechatter::otlp {
namespace {

using observability::Span;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds last_export{2'000};  // at the end of the process
constexpr milliseconds first_pause{500};    // before a repetition
constexpr milliseconds pause_max{5'000};
constexpr std::chrono::minutes between_logs{1};
constexpr std::size_t answer_bytes_max = 64 * 1024;

http::ClientLimits limits_of(const Settings& settings, const std::atomic<bool>& cancelled) {
  http::ClientLimits limits;
  limits.connect_timeout = std::min<milliseconds>(settings.timeout, milliseconds{2'000});
  limits.response_timeout = settings.timeout;
  limits.body_bytes_max = answer_bytes_max;
  limits.ca_file = settings.ca_file;
  limits.cancelled = &cancelled;
  return limits;
}

bool invites_repetition(long status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

Tracing::Tracing(const Settings& settings) : settings_{settings} {
  if (!settings_.enabled) return;
  tracer_ = std::make_shared<observability::Tracer>(settings_.tracer);
  thread_ = std::thread{[this] { serve(); }};
  spdlog::info("traces are exported by OTLP");
}

Tracing::~Tracing() {
  if (!thread_.joinable()) return;
  ending_.stop();
  tracer_->stop();
  ended_.pause(last_export);
  cancelled_ = true;
  thread_.join();
}

void Tracing::serve() {
  http::Client client{limits_of(settings_, cancelled_)};
  while (!cancelled_) {
    const auto spans = tracer_->take(settings_.schedule_delay);
    if (!spans.empty()) {
      export_batch(client, spans);
    } else if (tracer_->stopped()) {
      break;
    }
  }
  ended_.stop();
}

void Tracing::export_batch(http::Client& client, const std::vector<Span>& spans) {
  const auto body = to_otlp_json(spans, settings_.resource);
  const auto deadline = Clock::now() + settings_.timeout;
  auto pause = first_pause;
  while (true) {
    const auto answer = send(client, body);
    if (answer == Answer::taken) return tracer_->note_exported(spans.size());
    const bool has_time = Clock::now() + pause < deadline;
    if (answer == Answer::refused || !has_time || ending_.stopped()) break;
    ending_.pause(pause);
    pause = std::min(pause * 2, pause_max);
  }
  tracer_->note_lost(spans.size());
}

Tracing::Answer Tracing::send(http::Client& client, const std::string& body) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = settings_.url;
  request.headers = settings_.headers;
  request.headers.emplace_back("Content-Type: application/json");
  request.body = body;
  try {
    const auto answer = client.send(request);
    if (answer.status >= 200 && answer.status < 300) return Answer::taken;
    log_failure(fmt::format("the collector answered {}", answer.status));
    return invites_repetition(answer.status) ? Answer::repeat : Answer::refused;
  } catch (const http::Client::Failure& failure) {
    log_failure(failure.what());
    return Answer::repeat;
  }
}

void Tracing::log_failure(const std::string& cause) {
  const auto now = Clock::now();
  if (logged_at_ != Clock::time_point{} && now - logged_at_ < between_logs) return;
  logged_at_ = now;
  spdlog::warn("traces are not exported: {}", cause);
}

}  // namespace fechatter::otlp
