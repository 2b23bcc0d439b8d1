#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "fechatter_core/http/client.hpp"
#include "fechatter_core/otlp/otlp_settings.hpp"
#include "fechatter_core/stop_signal.hpp"

namespace fechatter::otlp {

// The tracer of a process, and the thread that sends its spans to the collector. A batch that the
// collector does not take is repeated while the answer invites to (429, 502, 503, 504, or none),
// for as long as `timeout`; then it is lost and counted, and the log says so once a minute. What
// comes meanwhile waits in the tracer's queue, or is dropped there: no caller waits.
class Tracing {
 public:
  // Without `enabled` there is neither tracer nor thread.
  explicit Tracing(const Settings& settings);
  // Sends what is in the queue, within 2 s.
  ~Tracing();
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;

  // Null: tracing is off.
  const observability::TracerPtr& tracer() const { return tracer_; }

 private:
  enum class Answer { taken, refused, repeat };

  void serve();
  void export_batch(http::Client& client, const std::vector<observability::Span>& spans);
  Answer send(http::Client& client, const std::string& body);
  void log_failure(const std::string& cause);

  const Settings settings_;
  observability::TracerPtr tracer_;
  std::atomic<bool> cancelled_{false};
  StopSignal ending_;  // no more repetitions
  StopSignal ended_;
  std::chrono::steady_clock::time_point logged_at_{};
  std::thread thread_;
};

}  // namespace fechatter::otlp
