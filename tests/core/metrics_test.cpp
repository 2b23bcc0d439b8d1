#include "fechatter_core/observability/metrics.hpp"

#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include <stdexcept>
#include <thread>

#include "fechatter_core/log_lines.hpp"
#include "fechatter_core/observability/process_metrics.hpp"

namespace fechatter::observability {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::array<std::uint64_t, 2> two_bounds{100'000, 2'000'000};
constexpr Buckets two_buckets{two_bounds, micros_per_second};

TEST(Metrics, ACounterIsShownWithItsHelpAndItsType) {
  Counter sent;
  sent.add(41);
  sent.add();
  Metrics metrics;
  metrics.counter("sent_total", "Messages that were sent.", sent);
  EXPECT_EQ(metrics.text(),
            "# HELP sent_total Messages that were sent.\n"
            "# TYPE sent_total counter\n"
            "sent_total 42\n");
}

TEST(Metrics, EachValueOfALabelIsASample) {
  Metrics metrics;
  metrics.gauge("open", "Open ones.", [](Samples& samples) {
    samples.add(1, {{"pool", "requests"}});
    samples.add(0.5, {{"pool", "searches"}});
  });
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("open{pool=\"requests\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("open{pool=\"searches\"} 0.5\n"));
}

TEST(Metrics, AHistogramOfMicrosecondsIsShownInSeconds) {
  Histogram times{two_buckets};
  times.observe(100ms);  // a bound belongs to its bucket
  times.observe(101ms);
  times.observe(1min);
  Metrics metrics;
  metrics.histogram("wait_seconds", "Waiting.", times);
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"2\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_sum 60.201\n"));
}

TEST(Metrics, AFamilyWithoutASampleIsShownByItsName) {
  Metrics metrics;
  metrics.gauge("unknown", "Nothing is known yet.", [](Samples&) {});
  EXPECT_EQ(metrics.text(), "# HELP unknown Nothing is known yet.\n# TYPE unknown gauge\n");
}

TEST(Metrics, AFamilyThatCannotBeReadHidesNoOther) {
  Metrics metrics;
  metrics.gauge("broken", "Fails.", [](Samples& samples) {
    samples.add(1);
    throw std::runtime_error{"no answer"};
  });
  metrics.gauge("whole", "Works.", [](Samples& samples) { samples.add(2); });
  const auto text = metrics.text();
  EXPECT_THAT(text, Not(HasSubstr("broken 1")));
  EXPECT_THAT(text, HasSubstr("whole 2\n"));
}

TEST(Metrics, ANameThatBreaksTheRulesIsRefused) {
  Metrics metrics;
  const Counter counter;
  for (const auto* name : {"sent", "Sent_total", "2_total", "", "_total", "sent-total"}) {
    EXPECT_THROW(metrics.counter(name, "", counter), std::invalid_argument) << name;
  }
  for (const auto* name : {"sent_total", "wait_milliseconds", "wait_count", "wait_bucket"}) {
    EXPECT_THROW(metrics.gauge(name, "", [](Samples&) {}), std::invalid_argument) << name;
  }
}

TEST(Metrics, ANameIsGivenOnce) {
  Metrics metrics;
  const Counter counter;
  metrics.counter("sent_total", "", counter);
  EXPECT_THROW(metrics.counter("sent_total", "", counter), std::invalid_argument);
}

TEST(Histogram, ANegativeTimeCountsAsNone) {
  Histogram times{two_buckets};
  times.observe(-5ms);
  const auto taken = times.snapshot();
  EXPECT_EQ(taken.counts.front(), 1U);
  EXPECT_EQ(taken.sum, 0U);
}

TEST(Histogram, SnapshotsOfTheSameBucketsAddUp) {
  Histogram first{two_buckets};
  Histogram second{two_buckets};
  first.observe(1ms);
  second.observe(1ms);
  second.observe(10s);
  auto both = first.snapshot();
  both += second.snapshot();
  EXPECT_THAT(both.counts, testing::ElementsAre(2, 0, 1));
  EXPECT_EQ(both.sum, 10'002'000U);
}

TEST(Histogram, ObservationsOfSeveralThreadsAllCount) {
  Histogram times{two_buckets};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&times] {
      for (int j = 0; j < 10'000; ++j) times.observe(1ms);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(times.snapshot().total(), 40'000U);
  EXPECT_EQ(times.snapshot().sum, 40'000'000U);
}

TEST(ProcessMetrics, NameTheBuildAndTheUsageOfTheProcess) {
  Metrics metrics;
  add_process_metrics(metrics);
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("fechatter_build_info{version=\"" FECHATTER_VERSION "\""));
  for (const auto* name : {"process_cpu_seconds_total ", "process_resident_memory_bytes ",
                           "process_open_fds ", "process_start_time_seconds "}) {
    EXPECT_THAT(text, HasSubstr("\n" + std::string{name})) << name;
    EXPECT_THAT(text, Not(HasSubstr("\n" + std::string{name} + "0\n"))) << name;
  }
}

TEST(LogLines, AreCountedByLevel) {
  const auto former = spdlog::default_logger();
  const auto lines = std::make_shared<LogLines>();
  const auto logger = std::make_shared<spdlog::logger>("counted", lines);
  logger->set_level(spdlog::level::info);
  spdlog::set_default_logger(logger);
  spdlog::debug("below the level");
  spdlog::warn("one");
  spdlog::warn("two");
  const auto* found = find_log_lines();
  spdlog::set_default_logger(former);
  EXPECT_EQ(found, lines.get());
  EXPECT_EQ(lines->count(spdlog::level::warn), 2U);
  EXPECT_EQ(lines->count(spdlog::level::debug), 0U);
  EXPECT_EQ(LogLines::name_of(spdlog::level::err), "error");
}

}  // namespace
}  // namespace fechatter::observability
