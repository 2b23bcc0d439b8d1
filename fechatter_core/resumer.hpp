#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "fechatter_core/async.hpp"

namespace fechatter {

// Resumes a coroutine that waits in asio::async_initiate, on the coroutine's own executor, which
// keeps running until then. Called once, from any thread.
template <class... Results, class Handler>
std::function<void(Results...)> resumer(Handler handler) {
  struct Waiter {
    explicit Waiter(Handler h) : guard{asio::get_associated_executor(h)}, handler{std::move(h)} {}
    asio::executor_work_guard<asio::associated_executor_t<Handler>> guard;
    Handler handler;
  };
  auto waiter = std::make_shared<Waiter>(std::move(handler));
  return [waiter](Results... results) {
    asio::post(waiter->guard.get_executor(),
               [waiter, results...]() mutable { std::move(waiter->handler)(results...); });
  };
}

}  // namespace fechatter
