#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <thread>
#include <vector>

#include "fechatter_core/async.hpp"

namespace fechatter {

// The threads that run an io_context, from the construction to stop(), also while there is nothing
// to do. Declared behind everything that their handlers use: also when a start fails, they are
// joined before that is destroyed.
class IoThreads {
 public:
  // `count` 0: one thread for each core.
  IoThreads(asio::io_context& io, std::size_t count);
  ~IoThreads() { stop(); }
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  // What is running is finished, what waits is not begun. Not from one of the threads.
  void stop();

 private:
  asio::io_context& io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::jthread> threads_;
};

}  // namespace fechatter
