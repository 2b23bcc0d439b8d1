#include "fechatter_core/observability/health.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "fechatter_core/error.hpp"
#include "tests/support/await.hpp"

namespace fechatter::observability {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

awaitable<> works() {
  co_return;
}
awaitable<> fails() {
  throw Error{ErrorCode::nats_unavailable, "NATS cannot be reached"};
  co_return;
}
awaitable<> fails_inside() {
  throw std::runtime_error{"password=secret"};
  co_return;
}
// A check that answers long after the timeout.
awaitable<> hangs() {
  const auto executor = co_await asio::this_coro::executor;
  Timer timer{executor, std::chrono::hours{1}};
  const asio::use_awaitable_t<Executor> token;
  co_await timer.async_wait(token);
}

class Health : public testing::Test {
 protected:
  HealthReport check(std::vector<Check> checks, bool draining = false) {
    checker = std::make_unique<HealthChecker>(std::move(checks), [this] { return time; });
    return test::await(io, checker->check(draining));
  }

  Clock::time_point time = Clock::now();  // by which results are remembered
  std::unique_ptr<HealthChecker> checker;
  asio::io_context io;
};

TEST_F(Health, AServerWithWorkingDependenciesIsHealthy) {
  const auto report = check({{"database", true, works}, {"nats", false, works}});
  EXPECT_EQ(report.status(), "healthy");
  EXPECT_EQ(report.http_status(), 200);
  EXPECT_EQ(report.details().at("nats_connection_status"), "connected");
}

TEST_F(Health, AFailedNonCriticalCheckDegradesTheServer) {
  const auto report = check({{"database", true, works}, {"nats", false, fails}});
  EXPECT_EQ(report.status(), "degraded");
  EXPECT_EQ(report.http_status(), 200);
  EXPECT_EQ(report.details().at("nats_connection_status"), "disconnected");
  EXPECT_EQ(report.services[1].error, "NATS cannot be reached");
}

TEST_F(Health, AFailedCriticalCheckIsUnhealthyAndRevealsNoInternals) {
  const auto report = check({{"database", true, fails_inside}, {"nats", false, works}});
  EXPECT_EQ(report.status(), "unhealthy");
  EXPECT_EQ(report.http_status(), 503);
  EXPECT_THAT(report.details().dump(), testing::Not(testing::HasSubstr("secret")));
}

TEST_F(Health, ADrainingServerIsUnhealthy) {
  EXPECT_EQ(check({{"database", true, works}}, true).http_status(), 503);
}

TEST_F(Health, AHangingCheckIsStartedOnceAndNotAwaited) {
  int started = 0;
  const auto hang = [&started] {
    ++started;
    return hangs();
  };
  const auto report = check({{"database", true, works}, {"nats", false, hang}});
  EXPECT_EQ(report.status(), "degraded");
  EXPECT_EQ(report.services[1].error, "no answer in 1 s");
  EXPECT_GT(report.services[1].latency, std::chrono::microseconds{0});
  time += 500ms;
  const auto begun = Clock::now();
  const auto again = test::await(io, checker->check(false));
  EXPECT_LT(Clock::now() - begun, 900ms);
  EXPECT_EQ(again.status(), "degraded");
  EXPECT_EQ(again.services[1].error, "no answer in 1 s");
  EXPECT_EQ(started, 1);
}

TEST_F(Health, AResultIsRememberedForHalfASecond) {
  int runs = 0;
  const auto count = [&runs]() -> awaitable<> {
    ++runs;
    return works();
  };
  const auto first = check({{"database", true, count}});
  time += 499ms;
  const auto second = test::await(io, checker->check(true));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(second.checked_at, first.checked_at);
  EXPECT_EQ(second.http_status(), 503);  // draining is not remembered
  time += 1ms;
  test::await(io, checker->check(false));
  EXPECT_EQ(runs, 2);
}

TEST_F(Health, ConcurrentCallersShareOneRound) {
  std::atomic<int> runs = 0;
  const auto pause = [&runs]() -> awaitable<> {
    ++runs;
    const auto executor = co_await asio::this_coro::executor;
    Timer timer{executor, 50ms};
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(token);
  };
  const HealthChecker shared{{{"database", true, pause}, {"nats", false, pause}}};
  std::atomic<int> healthy = 0;
  const auto probe = [&]() -> awaitable<> {
    const auto report = co_await shared.check(false);
    if (report.status() == "healthy") ++healthy;
  };
  constexpr int callers = 200;
  for (int i = 0; i < callers; ++i) {
    const Executor strand{io.get_executor()};
    asio::co_spawn(strand, probe(), asio::detached);
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { io.run(); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(healthy, callers);
  EXPECT_EQ(runs, 2);  // one of each check
}

TEST_F(Health, TheSummaryHasNoDetails) {
  const auto report = check({{"database", true, works}, {"nats", false, fails}});
  const auto summary = report.summary();
  EXPECT_EQ(summary.size(), 3U);
  EXPECT_EQ(summary.at("status"), "degraded");
  EXPECT_TRUE(summary.contains("timestamp"));
  const auto services = nlohmann::json::parse(
      R"([{"name": "database", "status": "healthy"}, {"name": "nats", "status": "unhealthy"}])");
  EXPECT_EQ(summary.at("services"), services);
}

}  // namespace
}  // namespace fechatter::observability
