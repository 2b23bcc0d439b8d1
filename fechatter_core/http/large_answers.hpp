#pragma once

#include <type_traits>
#include <utility>

#include "fechatter_core/worker_pool.hpp"

namespace fechatter::http {

struct LargeAnswerSettings {
  std::size_t threads = 1;
  std::size_t queue_max = 64;  // beyond: 503; each holds the content of an answer, 4 MiB at most
};

// Threads for the making of large answers, such as the JSON of a full page, at a low priority (nice
// 10): an I/O thread that makes one is lost to its other connections for 10 ms and more. Small
// answers are made where they are. Any thread.
class LargeAnswers {
 public:
  // Made in 3 ms at most: the list of 200 chats, 50 messages of ordinary length.
  static constexpr std::size_t small_answer_max = 256 * 1024;

  explicit LargeAnswers(const LargeAnswerSettings& settings);

  // The result of `make`, for an answer of about so many `bytes`. Throws overloaded. REQUIRES: the
  // result is default-constructible.
  template <class Make>
  auto make(std::size_t bytes, Make make) -> awaitable<std::invoke_result_t<Make>> {
    if (bytes <= small_answer_max) co_return make();
    auto job = [&make](NoContext&) { return make(); };
    auto made = pool_.run(std::move(job));
    co_return co_await std::move(made);
  }

 private:
  struct NoContext {};

  WorkerPool<NoContext> pool_;
};

}  // namespace fechatter::http
