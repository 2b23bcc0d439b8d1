#include "fechatter_core/http/large_answers.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/support/await.hpp"

namespace fechatter::http {
namespace {

class MakingAnswers : public testing::Test {
 protected:
  awaitable<std::thread::id> thread_of(std::size_t bytes) {
    auto make = [] { return std::this_thread::get_id(); };
    co_return co_await answers.make(bytes, std::move(make));
  }

  asio::io_context io;
  LargeAnswers answers{{1, 1}};
};

TEST_F(MakingAnswers, ASmallAnswerIsMadeWhereItIs) {
  EXPECT_EQ(test::await(io, thread_of(LargeAnswers::small_answer_max)), std::this_thread::get_id());
}

TEST_F(MakingAnswers, ALargeAnswerIsMadeOnAnotherThread) {
  EXPECT_NE(test::await(io, thread_of(LargeAnswers::small_answer_max + 1)),
            std::this_thread::get_id());
}

TEST_F(MakingAnswers, AFailureReachesTheCaller) {
  const auto fail = [this]() -> awaitable<int> {
    auto make = []() -> int { throw std::runtime_error{"broken"}; };
    co_return co_await answers.make(LargeAnswers::small_answer_max + 1, std::move(make));
  };
  EXPECT_THROW(test::await(io, fail()), std::runtime_error);
}

}  // namespace
}  // namespace fechatter::http
