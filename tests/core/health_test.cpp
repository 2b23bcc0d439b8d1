#include "fechatter_core/observability/health.hpp"

#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/error.hpp"
#include "tests/support/await.hpp"

namespace fechatter::observability {
namespace {

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
    checker = std::make_unique<HealthChecker>(std::move(checks));
    return test::await(io, checker->check(draining));
  }

  std::unique_ptr<HealthChecker> checker;
  asio::io_context io;
};

TEST_F(Health, AServerWithWorkingDependenciesIsHealthy) {
  const auto report = check({{"database", true, works}, {"nats", false, works}});
  EXPECT_EQ(report.status(), "healthy");
  EXPECT_EQ(report.http_status(), 200);
  EXPECT_EQ(report.to_json().at("nats_connection_status"), "connected");
}

TEST_F(Health, AFailedNonCriticalCheckDegradesTheServer) {
  const auto report = check({{"database", true, works}, {"nats", false, fails}});
  EXPECT_EQ(report.status(), "degraded");
  EXPECT_EQ(report.http_status(), 200);
  EXPECT_EQ(report.to_json().at("nats_connection_status"), "disconnected");
  EXPECT_EQ(report.services[1].error, "NATS cannot be reached");
}

TEST_F(Health, AFailedCriticalCheckIsUnhealthyAndRevealsNoInternals) {
  const auto report = check({{"database", true, fails_inside}, {"nats", false, works}});
  EXPECT_EQ(report.status(), "unhealthy");
  EXPECT_EQ(report.http_status(), 503);
  EXPECT_THAT(report.to_json().dump(), testing::Not(testing::HasSubstr("secret")));
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
  const auto again = test::await(io, checker->check(false));
  EXPECT_EQ(again.status(), "degraded");
  EXPECT_EQ(started, 1);
}

}  // namespace
}  // namespace fechatter::observability
