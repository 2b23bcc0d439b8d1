#include "fechatter_core/observability/health.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter::observability {
namespace {

constexpr std::chrono::seconds check_timeout{1};
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

// One round of checks. Shared with the checks, which may outlive it.
struct Round {
  explicit Round(const Executor& executor) : timer{executor} {}

  Timer timer;
  std::vector<CheckResult> results;
  std::size_t pending = 0;
  bool over = false;
};

std::chrono::microseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
}

}  // namespace

struct HealthChecker::Slot {
  explicit Slot(Check c) : check{std::move(c)} {}

  // Runs the check and records its result, unless the round is over by then.
  static awaitable<> run(std::shared_ptr<Slot> slot, std::shared_ptr<Round> round,
                         std::size_t index) {
    const auto begin = Clock::now();
    std::string error;
    try {
      co_await slot->check.run();
    } catch (const Error& refusal) {
      error = refusal.what();
    } catch (const std::exception& failure) {
      spdlog::warn("health check {} failed: {}", slot->check.name, failure.what());
      error = "failed; the log says why";
    }
    slot->running = false;
    if (round->over) co_return;
    auto& result = round->results[index];
    result.healthy = error.empty();
    result.error = error;
    result.latency = since(begin);
    if (--round->pending == 0) round->timer.cancel();
  }

  const Check check;
  std::atomic<bool> running{false};
};

HealthChecker::HealthChecker(std::vector<Check> checks) {
  for (auto& check : checks) slots_.push_back(std::make_shared<Slot>(std::move(check)));
}

awaitable<HealthReport> HealthChecker::check(bool draining) const {
  const auto executor = co_await asio::this_coro::executor;
  const auto round = std::make_shared<Round>(executor);
  const auto begin = Clock::now();
  for (const auto& slot : slots_) {
    round->results.push_back(
        {slot->check.name, slot->check.critical, false, {}, "no answer in 1 s"});
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    ++round->pending;
    // A check that still hangs from an earlier round fails in this one, too, without a new start.
    if (slots_[i]->running.exchange(true)) continue;
    asio::co_spawn(executor, Slot::run(slots_[i], round, i), asio::detached);
  }
  if (round->pending > 0) {
    round->timer.expires_after(check_timeout);
    boost::system::error_code cancelled;
    const asio::use_awaitable_t<Executor> token;
    co_await round->timer.async_wait(asio::redirect_error(token, cancelled));
  }
  round->over = true;
  HealthReport report{round->results, draining};
  for (auto& result : report.services) {
    if (result.latency.count() == 0) result.latency = since(begin);
  }
  co_return report;
}

std::string HealthReport::status() const {
  bool degraded = false;
  for (const auto& service : services) {
    if (service.healthy) continue;
    if (service.critical) return "unhealthy";
    degraded = true;
  }
  if (draining) return "unhealthy";
  return degraded ? "degraded" : "healthy";
}

nlohmann::json HealthReport::to_json() const {
  nlohmann::json body{{"status", status()},
                      {"timestamp", to_rfc3339(now())},
                      {"draining", draining},
                      {"services", nlohmann::json::array()},
                      {"memory_usage", {{"resident_bytes", resident_bytes()}}}};
  for (const auto& service : services) {
    body["services"].push_back(
        {{"name", service.name},
         {"status", service.healthy ? "healthy" : "unhealthy"},
         {"latency_ms", static_cast<double>(service.latency.count()) / 1000.0},
         {"error", service.error.empty() ? nlohmann::json{} : nlohmann::json(service.error)}});
    if (service.name == "nats") {
      body["nats_connection_status"] = service.healthy ? "connected" : "disconnected";
    }
  }
  return body;
}

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace fechatter::observability
