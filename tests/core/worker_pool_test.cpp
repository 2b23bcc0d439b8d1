#include "fechatter_core/worker_pool.hpp"

#include <gmock/gmock.h>

#include <boost/asio/detached.hpp>
#include <future>
#include <stdexcept>

#include "tests/support/await.hpp"

namespace fechatter {
namespace {

struct Counter {
  int jobs = 0;
};

class WorkerPoolTest : public testing::Test {
 protected:
  // Keeps the pool's only thread busy until `gate` is opened.
  awaitable<int> wait_at(std::shared_future<void> opened) {
    const auto job = [&](Counter&) {
      entered.set_value();
      opened.wait();
      return 0;
    };
    auto waiting = pool.run(job);
    co_return co_await std::move(waiting);
  }
  awaitable<int> count() {
    const auto job = [](Counter& counter) { return ++counter.jobs; };
    auto counting = pool.run(job);
    co_return co_await std::move(counting);
  }
  awaitable<int> fail() {
    const auto job = [](Counter&) -> int { throw std::runtime_error{"broken"}; };
    auto failing = pool.run(job);
    co_return co_await std::move(failing);
  }

  // Says on which thread it is destroyed.
  std::shared_ptr<void> witness() {
    return {nullptr, [this](void*) { destroyed.set_value(std::this_thread::get_id()); }};
  }

  asio::io_context io;
  std::promise<void> entered;
  std::promise<std::thread::id> destroyed;
  std::promise<void> gate;
  WorkerPool<Counter> pool{{1, 2, "Too much."}, [] { return Counter{}; }};
};

TEST_F(WorkerPoolTest, JobsOfOneThreadShareItsContext) {
  EXPECT_EQ(test::await(io, count()), 1);
  EXPECT_EQ(test::await(io, count()), 2);
}

TEST_F(WorkerPoolTest, AnExceptionOfAJobReachesItsCaller) {
  EXPECT_THROW(test::await(io, fail()), std::runtime_error);
  EXPECT_EQ(test::await(io, count()), 1);
}

TEST_F(WorkerPoolTest, AFullQueueRefusesAndQueuedJobsAreServed) {
  const Executor strand{io.get_executor()};
  const auto opened = gate.get_future().share();
  asio::co_spawn(strand, wait_at(opened), asio::detached);
  io.poll();
  entered.get_future().wait();
  int served = 0;
  for (int i = 0; i < 2; ++i) {
    asio::co_spawn(strand, count(), [&](std::exception_ptr, int) { ++served; });
  }
  io.restart();
  io.poll();
  try {
    test::await(io, count());
    FAIL() << "the queue was not full";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::overloaded);
    EXPECT_STREQ(error.what(), "Too much.");
  }
  gate.set_value();
  io.restart();
  io.run();
  EXPECT_EQ(served, 2);
}

TEST_F(WorkerPoolTest, AValueIsDestroyedOnAThreadOfThePool) {
  pool.destroy(witness());
  EXPECT_NE(destroyed.get_future().get(), std::this_thread::get_id());
}

TEST_F(WorkerPoolTest, AValueThatFindsTheQueueFullIsDestroyedAtOnce) {
  const Executor strand{io.get_executor()};
  const auto opened = gate.get_future().share();
  asio::co_spawn(strand, wait_at(opened), asio::detached);
  io.poll();
  entered.get_future().wait();
  for (int i = 0; i < 2; ++i) asio::co_spawn(strand, count(), asio::detached);
  io.restart();
  io.poll();
  pool.destroy(witness());
  EXPECT_EQ(destroyed.get_future().get(), std::this_thread::get_id());
  gate.set_value();
  io.restart();
  io.run();
}

}  // namespace
}  // namespace fechatter
