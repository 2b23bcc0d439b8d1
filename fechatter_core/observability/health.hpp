#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/clock.hpp"

namespace fechatter::observability {

// A dependency of the process. `run` returns when it works and throws when it does not.
struct Check {
  std::string name;  // "database", "nats", "startup", "revocations", "search", "cleanup"
  bool critical;     // failing: unhealthy (503) rather than degraded
  std::function<awaitable<void>()> run;
};

struct CheckResult {
  std::string name;
  bool critical = false;
  bool healthy = false;
  std::chrono::microseconds latency{0};  // as measured, up to the time-out
  std::string error;                     // empty when healthy; names nothing internal
};

struct HealthReport {
  std::vector<CheckResult> services;
  Timestamp checked_at;
  bool draining = false;

  // "healthy", "degraded" or "unhealthy".
  std::string status() const;
  int http_status() const { return status() == "unhealthy" ? 503 : 200; }
  // For any caller: `status`, `timestamp`, and `services` with `name` and `status`.
  nlohmann::json summary() const;
  // For internal callers: also `latency_ms` and `error` of each service, `draining`,
  // `nats_connection_status` and `memory_usage`.
  nlohmann::json details() const;
};

// Runs all checks concurrently, in rounds: a caller gets the result of the last round if that is
// less than 500 ms old, else joins the running round, else starts one on its own executor. So there
// are at most two rounds a second, whatever the number of callers. A check without an answer after
// 1 s has failed; it may go on in the background, and fails in later rounds without a new start
// until it ends. Any thread.
class HealthChecker {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  explicit HealthChecker(std::vector<Check> checks, Now now = Clock::now);
  awaitable<HealthReport> check(bool draining) const;
  // What the last round has found, at most some seconds ago while watch() runs; before the first
  // one each check is unanswered. Without the state of the listener.
  HealthReport last() const;
  // A round every 5 s, for ever, on one executor.
  awaitable<> watch() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the running round, which may outlive the checker
};

// Resident memory of this process, in bytes.
std::size_t resident_bytes();

}  // namespace fechatter::observability
