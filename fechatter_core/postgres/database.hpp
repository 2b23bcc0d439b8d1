#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::postgres {

struct DatabaseSettings {
  std::string url;
  std::string options;           // server parameters for each connection, "-c name=value ..."
  std::size_t pool_size = 4;     // connections, a thread each
  std::size_t queue_max = 1000;  // jobs that wait for a connection; beyond: 503
};

// libpqxx blocks, so it lives on threads of its own, one connection each. Jobs are taken in order.
// The destructor lets running jobs end and fails those that still wait.
class Database {
 public:
  explicit Database(const DatabaseSettings& settings);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs job(Connection&) on a database thread and resumes the caller on its own executor with what the
  // job returned (a default-constructible value) or threw. Throws Error{overloaded} when the
  // queue is full.
  template <class F>
  auto run(F job) -> awaitable<std::invoke_result_t<F, Connection&>> {
    using Result = std::invoke_result_t<F, Connection&>;
    auto initiate = [this](auto handler, F work) {
      submit(std::make_unique<Task<decltype(handler), F, Result>>(std::move(handler),
                                                                  std::move(work)));
    };
    const asio::use_awaitable_t<Executor> token;
    return asio::async_initiate<const asio::use_awaitable_t<Executor>,
                                void(std::exception_ptr, Result)>(std::move(initiate), token,
                                                                  std::move(job));
  }

  // Connections that run a job now / that there are.
  std::size_t busy() const;
  std::size_t size() const { return threads_.size(); }

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void run(Connection& connection) = 0;
    virtual void fail(std::exception_ptr error) = 0;
  };

  template <class Handler, class F, class Result>
  struct Task final : Job {
    Task(Handler h, F w)
        : handler{std::move(h)}, work{std::move(w)}, guard{asio::get_associated_executor(handler)} {}
    void run(Connection& connection) override {
      try {
        finish(nullptr, work(connection));
      } catch (...) {
        finish(std::current_exception(), Result{});
      }
    }
    void fail(std::exception_ptr error) override { finish(error, Result{}); }
    void finish(std::exception_ptr error, Result result) {
      asio::post(guard.get_executor(), [h = std::move(handler), error,
                                        r = std::move(result)]() mutable {
        std::move(h)(error, std::move(r));
      });
    }
    Handler handler;
    F work;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> guard;
  };

  void submit(std::unique_ptr<Job> job);
  void serve();

  const DatabaseSettings settings_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fechatter::postgres
