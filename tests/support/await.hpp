#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "fechatter_core/async.hpp"

namespace fechatter::test {

// Runs a coroutine to its end on this thread and returns what it returned, or throws what it threw.
template <class T>
T await(asio::io_context& io, awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  const Executor strand{io.get_executor()};
  asio::co_spawn(strand, std::move(work), [&](std::exception_ptr error, T value) {
    failure = error;
    if (!error) result = std::move(value);
  });
  io.restart();
  while (!result && !failure && io.run_one() > 0) {}
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

}  // namespace fechatter::test
