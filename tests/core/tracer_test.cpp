#include "fechatter_core/observability/tracer.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace fechatter::observability {
namespace {

using std::chrono::milliseconds;

constexpr TraceContext sampled_caller{1, 2, 3, true};
constexpr TraceContext other_caller{1, 2, 3, false};

Tracer::Settings with_ratio(double ratio, bool parent_based = true) {
  Tracer::Settings settings;
  settings.sampling = {ratio, parent_based};
  return settings;
}

Span span_named(const std::string& name) {
  Span span;
  span.context = {1, 2, 3, true};
  span.name = name;
  return span;
}

TEST(Tracer, BeginsATraceWhereTheCallerNamesNone) {
  Tracer tracer{with_ratio(1)};
  const auto first = tracer.begin({});
  const auto second = tracer.begin({});
  EXPECT_TRUE(first.context.valid());
  EXPECT_TRUE(first.context.sampled);
  EXPECT_EQ(first.parent, 0U);
  EXPECT_GT(first.start_ns, 0);
  EXPECT_FALSE(first.context == second.context);
}

TEST(Tracer, GoesOnWithTheTraceOfTheCaller) {
  Tracer tracer{with_ratio(0)};
  const auto span = tracer.begin(sampled_caller);
  EXPECT_EQ(span.context.trace_high, 1U);
  EXPECT_EQ(span.context.trace_low, 2U);
  EXPECT_EQ(span.parent, 3U);
  EXPECT_NE(span.context.span, 3U);
  EXPECT_TRUE(span.context.sampled);
  EXPECT_FALSE(tracer.begin(other_caller).context.sampled);
}

TEST(Tracer, WithoutParentsDecidesByTheRatioAlone) {
  Tracer all{with_ratio(1, false)};
  EXPECT_TRUE(all.begin(other_caller).context.sampled);
  Tracer none{with_ratio(0, false)};
  EXPECT_FALSE(none.begin(sampled_caller).context.sampled);
}

// Within five standard deviations.
TEST(Tracer, SamplesTheShareThatItIsTold) {
  Tracer tracer{with_ratio(0.1)};
  constexpr int traces = 100'000;
  int sampled = 0;
  for (int i = 0; i < traces; ++i) sampled += tracer.begin({}).context.sampled ? 1 : 0;
  EXPECT_NEAR(sampled, traces / 10, 500);
}

// Each process decides by the id alone.
TEST(Tracer, DecidesAlikeInEachProcess) {
  Tracer first{with_ratio(0.5, false)};
  Tracer second{with_ratio(0.5, false)};
  for (int i = 0; i < 1'000; ++i) {
    const auto span = first.begin({});
    EXPECT_EQ(second.begin(span.context).context.sampled, span.context.sampled);
  }
}

// A stranger who marks each request as sampled costs no more than that.
TEST(Tracer, TakesFewCallersASecondAtTheirWord) {
  auto settings = with_ratio(0);
  settings.foreign_per_second = 5;
  Tracer tracer{settings};
  int sampled = 0;
  const auto begun = now_ns();
  for (int i = 0; i < 10'000; ++i) sampled += tracer.begin(sampled_caller).context.sampled ? 1 : 0;
  const auto seconds = static_cast<int>((now_ns() - begun) / 1'000'000'000) + 2;
  EXPECT_GE(sampled, 5);
  EXPECT_LE(sampled, 5 * seconds);
}

TEST(Tracer, ABeginningOfOurOwnIsAChild) {
  const auto child = Tracer::begin_child(sampled_caller);
  EXPECT_EQ(child.parent, 3U);
  EXPECT_EQ(child.context.trace_low, 2U);
  EXPECT_TRUE(child.context.sampled);
  EXPECT_FALSE(Tracer::begin_child(other_caller).context.sampled);
}

TEST(Tracer, DropsWhatFindsNoRoomAndCountsIt) {
  auto settings = with_ratio(1);
  settings.queue_max = 3;
  settings.batch = 2;
  Tracer tracer{settings};
  for (const auto* name : {"a", "b", "c", "d", "e"}) tracer.record(span_named(name));
  EXPECT_EQ(tracer.dropped().value(), 2U);
  const auto first = tracer.take(milliseconds{0});
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].name, "a");
  EXPECT_EQ(first[1].name, "b");
  const auto second = tracer.take(milliseconds{0});
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].name, "c");
  EXPECT_TRUE(tracer.take(milliseconds{0}).empty());
}

TEST(Tracer, WakesItsExporterForABatchAndAtTheEnd) {
  auto settings = with_ratio(1);
  settings.batch = 2;
  Tracer tracer{settings};
  std::vector<Span> taken;
  std::thread exporter{[&] {
    taken = tracer.take(std::chrono::minutes{5});
    tracer.take(std::chrono::minutes{5});
  }};
  tracer.record(span_named("a"));
  tracer.record(span_named("b"));
  tracer.stop();
  exporter.join();
  EXPECT_EQ(taken.size(), 2U);
  EXPECT_TRUE(tracer.stopped());
}

TEST(Tracer, IsUsedByManyThreads) {
  Tracer tracer{with_ratio(1)};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) tracer.record(span_named("a"));
    });
  }
  std::size_t taken = 0;
  for (int i = 0; i < 50; ++i) taken += tracer.take(milliseconds{1}).size();
  for (auto& thread : threads) thread.join();
  while (true) {
    const auto batch = tracer.take(milliseconds{0});
    if (batch.empty()) break;
    taken += batch.size();
  }
  EXPECT_EQ(taken + tracer.dropped().value(), 2'000U);
}

}  // namespace
}  // namespace fechatter::observability
