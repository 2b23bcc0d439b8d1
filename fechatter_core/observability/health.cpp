#include "fechatter_core/observability/health.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <mutex>
#include <optional>

#include "fechatter_core/error.hpp"

namespace fechatter::observability {
namespace {

using Clock = HealthChecker::Clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr std::chrono::seconds check_timeout{1};
// A round takes one second at most; one that could not (out of memory) is given up after two.
constexpr std::chrono::seconds round_timeout{2};
constexpr std::chrono::milliseconds remembered_for{500};
constexpr std::chrono::seconds watch_interval{5};
constexpr const char* no_answer = "no answer in 1 s";
constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>{});

std::chrono::microseconds since(Clock::time_point begin) {
  return std::chrono::ceil<std::chrono::microseconds>(Clock::now() - begin);
}

// One round of checks, on one executor. Shared with the checks, which may outlive it.
struct Round {
  explicit Round(const Executor& executor) : timer{executor} {}

  Timer timer;
  std::vector<CheckResult> results;
  std::size_t pending = 0;
  bool over = false;
};

struct Slot {
  explicit Slot(Check c) : check{std::move(c)} {}

  // Runs the check and records its result, unless the round is over by then.
  static awaitable<> run(std::shared_ptr<Slot> slot, std::shared_ptr<Round> round,
                         std::size_t index) {
    std::string error;
    try {
      co_await slot->check.run();
    } catch (const Error& refusal) {
      error = refusal.what();
    } catch (const std::exception& failure) {
      spdlog::warn("health check {} failed: {}", slot->check.name, failure.what());
      error = "failed; the log says why";
    }
    const auto latency = since(slot->begun);
    slot->running = false;
    if (round->over) co_return;
    auto& result = round->results[index];
    result.healthy = error.empty();
    result.error = error;
    result.latency = latency;
    if (--round->pending == 0) round->timer.cancel();
  }

  const Check check;
  Clock::time_point begun;  // written by a round that finds the check not running
  std::atomic<bool> running{false};
};

}  // namespace

struct HealthChecker::State : std::enable_shared_from_this<State> {
  State(std::vector<Check> checks, Now now_) : now{std::move(now_)} {
    for (auto& check : checks) slots.push_back(std::make_shared<Slot>(std::move(check)));
    results = unanswered();
  }

  // A timer that is cancelled at the end of the running round; null when the last result will do.
  std::shared_ptr<Timer> join(const Executor& executor);
  HealthReport report() const;
  std::vector<CheckResult> unanswered() const;
  static awaitable<> run_round(std::shared_ptr<State> state);
  void finish(std::vector<CheckResult> results);

  const Now now;
  std::vector<std::shared_ptr<Slot>> slots;
  mutable std::mutex mutex;
  std::vector<std::shared_ptr<Timer>> waiting;  // one for each caller that waits for the round
  std::optional<Clock::time_point> begun;       // the running round
  std::optional<Clock::time_point> finished;    // the last round
  Timestamp checked_at;
  std::vector<CheckResult> results;
};

std::shared_ptr<Timer> HealthChecker::State::join(const Executor& executor) {
  const auto timer = std::make_shared<Timer>(executor, Clock::now() + round_timeout);
  {
    const std::lock_guard lock{mutex};
    const auto at = now();
    const bool running = begun && at - *begun < round_timeout;
    if (!running && finished && at - *finished < remembered_for) return nullptr;
    waiting.push_back(timer);
    if (running) return timer;
    begun = at;
  }
  asio::co_spawn(executor, run_round(shared_from_this()), asio::detached);
  return timer;
}

std::vector<CheckResult> HealthChecker::State::unanswered() const {
  std::vector<CheckResult> all;
  for (const auto& slot : slots) {
    all.push_back({slot->check.name, slot->check.critical, false, {}, no_answer});
  }
  return all;
}

HealthReport HealthChecker::State::report() const {
  const std::lock_guard lock{mutex};
  return {results, checked_at};
}

awaitable<> HealthChecker::State::run_round(std::shared_ptr<State> state) {
  const auto executor = co_await asio::this_coro::executor;
  const auto round = std::make_shared<Round>(executor);
  round->results = state->unanswered();
  for (std::size_t i = 0; i < state->slots.size(); ++i) {
    const auto& slot = state->slots[i];
    // A check that has outlived its own round began more than a second ago.
    if (slot->running) continue;
    slot->begun = Clock::now();
    slot->running = true;
    ++round->pending;
    asio::co_spawn(executor, Slot::run(slot, round, i), asio::detached);
  }
  if (round->pending > 0) {
    round->timer.expires_after(check_timeout);
    co_await round->timer.async_wait(quietly);
  }
  round->over = true;
  for (std::size_t i = 0; i < state->slots.size(); ++i) {
    auto& result = round->results[i];
    if (result.error == no_answer) result.latency = since(state->slots[i]->begun);
  }
  state->finish(std::move(round->results));
}

void HealthChecker::State::finish(std::vector<CheckResult> ended) {
  std::vector<std::shared_ptr<Timer>> joined;
  {
    const std::lock_guard lock{mutex};
    results = std::move(ended);
    checked_at = fechatter::now();
    finished = now();
    begun.reset();
    joined.swap(waiting);
  }
  for (auto& timer : joined) {
    const auto executor = timer->get_executor();
    asio::post(executor, [over = std::move(timer)] { over->cancel(); });
  }
}

HealthChecker::HealthChecker(std::vector<Check> checks, Now now)
    : state_{std::make_shared<State>(std::move(checks), std::move(now))} {}

awaitable<HealthReport> HealthChecker::check(bool draining) const {
  const auto state = state_;
  const auto executor = co_await asio::this_coro::executor;
  const auto round = state->join(executor);
  if (round) co_await round->async_wait(quietly);
  auto report = state->report();
  report.draining = draining;
  co_return report;
}

HealthReport HealthChecker::last() const {
  return state_->report();
}

awaitable<> HealthChecker::watch() const {
  const auto executor = co_await asio::this_coro::executor;
  Timer timer{executor};
  while (true) {
    co_await check(false);
    timer.expires_after(watch_interval);
    const auto [ended] = co_await timer.async_wait(quietly);
    if (ended) co_return;
  }
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

nlohmann::json HealthReport::summary() const {
  nlohmann::json body{{"status", status()},
                      {"timestamp", to_rfc3339(checked_at)},
                      {"services", nlohmann::json::array()}};
  for (const auto& service : services) {
    body["services"].push_back(
        {{"name", service.name}, {"status", service.healthy ? "healthy" : "unhealthy"}});
  }
  return body;
}

nlohmann::json HealthReport::details() const {
  auto body = summary();
  body["draining"] = draining;
  body["memory_usage"] = {{"resident_bytes", resident_bytes()}};
  for (std::size_t i = 0; i < services.size(); ++i) {
    const auto& service = services[i];
    auto& shown = body["services"][i];
    shown["latency_ms"] = static_cast<double>(service.latency.count()) / 1000.0;
    shown["error"] = service.error.empty() ? nlohmann::json{} : nlohmann::json(service.error);
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
