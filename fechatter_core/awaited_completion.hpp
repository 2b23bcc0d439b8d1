#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "fechatter_core/async.hpp"

namespace fechatter {

// What a thread calls, once, with the outcome of a request that a coroutine has handed over to it.
template <class Outcome>
using Completion = asio::any_completion_handler<void(std::exception_ptr, Outcome)>;

// Calls push(request, completion), and resumes the caller on its own executor when the completion
// is called, by any thread. Throws the exception that it is called with.
template <class Outcome, class Request, class Push>
awaitable<Outcome> await_completion(Request request, Push push) {
  auto initiate = [push = std::move(push)](auto handler, Request item) mutable {
    auto work = asio::make_work_guard(asio::get_associated_executor(handler));
    auto resume = [work = std::move(work), handler = std::move(handler)](std::exception_ptr error,
                                                                         Outcome outcome) mutable {
      asio::post(work.get_executor(), [handler = std::move(handler), error = std::move(error),
                                       outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(error), std::move(outcome));
      });
    };
    push(std::move(item), std::move(resume));
  };
  const asio::use_awaitable_t<Executor> token;
  return asio::async_initiate<const asio::use_awaitable_t<Executor>,
                              void(std::exception_ptr, Outcome)>(std::move(initiate), token,
                                                                 std::move(request));
}

}  // namespace fechatter
