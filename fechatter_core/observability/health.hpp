#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"

namespace fechatter::observability {

// A dependency of the process. `run` returns when it works and throws when it does not.
struct Check {
  std::string name;  // "database", "nats", "search"
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
  bool draining = false;

  // "healthy", "degraded" or "unhealthy".
  std::string status() const;
  int http_status() const { return status() == "unhealthy" ? 503 : 200; }
  // `status`, `timestamp`, `services`, `nats_connection_status`, `memory_usage`.
  nlohmann::json to_json() const;
};

// Runs all checks concurrently, on the caller's executor. A check without an answer after 1 s has
// failed; it may go on in the background, at most one of each kind.
class HealthChecker {
 public:
  explicit HealthChecker(std::vector<Check> checks);
  awaitable<HealthReport> check(bool draining) const;

 private:
  struct Slot;
  std::vector<std::shared_ptr<Slot>> slots_;
};

// Resident memory of this process, in bytes.
std::size_t resident_bytes();

}  // namespace fechatter::observability
