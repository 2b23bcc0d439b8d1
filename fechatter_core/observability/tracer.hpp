#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/trace_context.hpp"

namespace fechatter::observability {

// As OpenTelemetry numbers them.
enum class SpanKind { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

// The name is a literal.
using Attribute = std::pair<std::string_view, std::variant<std::int64_t, std::string>>;

// A piece of work that has ended. No attribute holds a text of a user, a token, or an address.
struct Span {
  TraceContext context;
  std::uint64_t parent = 0;  // a span's id; 0: this one is the root
  SpanKind kind = SpanKind::internal;
  std::string name;
  std::int64_t start_ns = 0;  // since 1970
  std::int64_t end_ns = 0;
  std::vector<Attribute> attributes = {};
  bool failed = false;
};

// A piece of work that has begun.
struct OpenSpan {
  TraceContext context;
  std::uint64_t parent = 0;
  std::int64_t start_ns = 0;
};

// Nanoseconds since 1970.
std::int64_t now_ns();

// Which traces are recorded.
struct Sampling {
  double ratio = 1;          // of traces that begin here: 0..1
  bool parent_based = true;  // else the ratio decides for all traces
};

// Begins spans, and keeps the ended ones for an exporter, in a queue of a fixed length: a span that
// finds it full is dropped and counted, so that no caller waits for an exporter. Any thread.
class Tracer {
 public:
  struct Settings {
    Sampling sampling;
    std::size_t queue_max = 2048;  // spans
    std::size_t batch = 512;       // spans that wake the exporter
    // A caller from outside who says that its trace is sampled costs a recording: so many a second
    // are taken at that word, the ratio decides on those beyond.
    std::uint32_t foreign_per_second = 100;
  };

  explicit Tracer(const Settings& settings) : settings_{settings} {}
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // The root of a trace, or a child of the caller's span when that is valid. Who calls from outside
  // decides about the sampling as Sampling says.
  OpenSpan begin(const TraceContext& caller);
  // A child of a span of this system, sampled as that is.
  static OpenSpan begin_child(const TraceContext& parent);

  // Records a span whatever its context says: callers look at `sampled` first.
  void record(Span span);

  // Waits until there is a batch, or `wait` is over, or stop() was called. Up to a batch of spans,
  // the oldest first.
  std::vector<Span> take(std::chrono::milliseconds wait);
  // take() no longer waits.
  void stop();
  bool stopped() const;

  // An exporter could not deliver them.
  void note_lost(std::size_t spans) { dropped_.add(spans); }
  void note_exported(std::size_t spans) { exported_.add(spans); }

  const Counter& exported() const { return exported_; }
  // For want of room in the queue, or of a collector.
  const Counter& dropped() const { return dropped_; }

 private:
  bool is_in_ratio(const TraceContext& context) const;
  bool admit_foreign();

  const Settings settings_;
  std::atomic<std::uint64_t> foreign_{0};  // the second, and how many in it: 32 bits each

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Span> ended_;
  bool stopped_ = false;

  Counter exported_;
  Counter dropped_;
};

using TracerPtr = std::shared_ptr<Tracer>;  // null: tracing is off

}  // namespace fechatter::observability
