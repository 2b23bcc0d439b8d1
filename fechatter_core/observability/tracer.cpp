#include "fechatter_core/observability/tracer.hpp"

#include <algorithm>
#include <random>

namespace fechatter::observability {
namespace {

// Ids need to be distinct and evenly spread, not secret. Zero is no id.
std::uint64_t random_id() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }();
  std::uint64_t id = 0;
  while (id == 0) id = generator();
  return id;
}

}  // namespace

std::int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

OpenSpan Tracer::begin(const TraceContext& caller) {
  if (!caller.valid()) {
    TraceContext context{random_id(), random_id(), random_id(), false};
    context.sampled = is_in_ratio(context);
    return {context, 0, now_ns()};
  }
  auto open = begin_child(caller);
  if (settings_.sampling.parent_based) {
    open.context.sampled = caller.sampled && (admit_foreign() || is_in_ratio(open.context));
  } else {
    open.context.sampled = is_in_ratio(open.context);
  }
  return open;
}

OpenSpan Tracer::begin_child(const TraceContext& parent) {
  auto context = parent;
  context.span = random_id();
  return {context, parent.span, now_ns()};
}

// By the id alone, so that all processes decide alike about a trace.
bool Tracer::is_in_ratio(const TraceContext& context) const {
  constexpr auto range = static_cast<double>(std::uint64_t{1} << 56);
  const auto place = static_cast<double>(context.trace_low & ((std::uint64_t{1} << 56) - 1));
  return place < settings_.sampling.ratio * range;
}

bool Tracer::admit_foreign() {
  const auto second = static_cast<std::uint64_t>(now_ns() / 1'000'000'000) << 32;
  auto known = foreign_.load(std::memory_order_relaxed);
  while (true) {
    const auto next = (known >> 32) << 32 == second ? known + 1 : second + 1;
    if (static_cast<std::uint32_t>(next) > settings_.foreign_per_second) return false;
    if (foreign_.compare_exchange_weak(known, next, std::memory_order_relaxed)) return true;
  }
}

void Tracer::record(Span span) {
  {
    const std::lock_guard lock{mutex_};
    if (ended_.size() >= settings_.queue_max) {
      dropped_.add();
      return;
    }
    ended_.push_back(std::move(span));
    if (ended_.size() != settings_.batch) return;
  }
  wake_.notify_one();
}

std::vector<Span> Tracer::take(std::chrono::milliseconds wait) {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, wait, [this] { return stopped_ || ended_.size() >= settings_.batch; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(ended_.size(), settings_.batch));
  std::vector<Span> batch{std::make_move_iterator(ended_.begin()),
                          std::make_move_iterator(ended_.begin() + count)};
  ended_.erase(ended_.begin(), ended_.begin() + count);
  return batch;
}

void Tracer::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  wake_.notify_all();
}

bool Tracer::stopped() const {
  const std::lock_guard lock{mutex_};
  return stopped_;
}

}  // namespace fechatter::observability
