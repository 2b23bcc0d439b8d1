#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter {

struct WorkerPoolSettings {
  std::size_t threads = 1;
  std::size_t queue_max = 1000;  // waiting jobs; beyond: Error{overloaded}
  std::string overload;          // the detail of that error
};

// Threads for jobs that block or compute for long; each thread has a Context of its own, such as a
// database connection, which it makes at its start. Jobs start in order. The destructor waits for
// running jobs and fails those that still wait. The callers' io_context outlives the pool.
template <class Context>
class WorkerPool {
 public:
  WorkerPool(WorkerPoolSettings settings, std::function<Context()> make_context)
      : settings_{std::move(settings)}, make_context_{std::move(make_context)} {
    threads_.reserve(settings_.threads);
    for (std::size_t i = 0; i < settings_.threads; ++i) threads_.emplace_back([this] { serve(); });
  }

  ~WorkerPool() { stop(); }

  // Waits for running jobs and fails those that still wait, and each one that comes later. The
  // destructor does it, too.
  void stop() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs job(Context&) on a thread of the pool and resumes the caller on its own executor with the
  // result (default-constructible) or the exception of the job.
  template <class F>
  auto run(F job) -> awaitable<std::invoke_result_t<F, Context&>> {
    using Result = std::invoke_result_t<F, Context&>;
    auto initiate = [this](auto handler, F work) {
      submit(std::make_unique<Task<decltype(handler), F, Result>>(std::move(handler),
                                                                  std::move(work)));
    };
    const asio::use_awaitable_t<Executor> token;
    return asio::async_initiate<const asio::use_awaitable_t<Executor>,
                                void(std::exception_ptr, Result)>(std::move(initiate), token,
                                                                  std::move(job));
  }

  // Destroys a value whose destructor blocks on a thread of the pool; on this one when the queue is
  // full.
  template <class T>
  void destroy(T value) {
    submit(std::make_unique<Destruction<T>>(std::move(value)));
  }

  // The number of threads that run a job now, and of all threads.
  std::size_t busy() const {
    const std::lock_guard lock{mutex_};
    return busy_;
  }
  std::size_t size() const { return threads_.size(); }
  // Jobs that wait for a thread.
  std::size_t waiting() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size();
  }

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void run(Context& context) = 0;
    virtual void fail(std::exception_ptr error) = 0;
  };

  template <class Handler, class F, class Result>
  struct Task final : Job {
    Task(Handler h, F w)
        : handler{std::move(h)},
          work{std::move(w)},
          guard{asio::get_associated_executor(handler)} {}

    void run(Context& context) override {
      Result result{};
      std::exception_ptr error;
      try {
        result = work(context);
      } catch (...) {
        error = std::current_exception();
      }
      finish(error, std::move(result));
    }

    void fail(std::exception_ptr error) override { finish(error, Result{}); }

    void finish(std::exception_ptr error, Result result) {
      asio::post(guard.get_executor(),
                 [h = std::move(handler), error, r = std::move(result)]() mutable {
                   std::move(h)(error, std::move(r));
                 });
    }

    Handler handler;
    F work;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> guard;
  };

  // Its own destructor does the work, also when the job is refused.
  template <class T>
  struct Destruction final : Job {
    explicit Destruction(T v) : value{std::move(v)} {}
    void run(Context&) override {}
    void fail(std::exception_ptr) override {}

    T value;
  };

  void submit(std::unique_ptr<Job> job) {
    std::unique_lock lock{mutex_};
    if (!stopping_ && waiting_.size() < settings_.queue_max) {
      waiting_.push_back(std::move(job));
      lock.unlock();
      wake_.notify_one();
      return;
    }
    const auto refusal = stopping_ ? shutting_down() : overloaded();
    lock.unlock();
    job->fail(refusal);
  }

  void serve() {
    Context context = make_context_();
    std::unique_lock lock{mutex_};
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto job = std::move(waiting_.front());
      waiting_.pop_front();
      const bool refuse = stopping_;
      ++busy_;
      lock.unlock();
      if (refuse) {
        job->fail(shutting_down());
      } else {
        job->run(context);
      }
      job.reset();
      lock.lock();
      --busy_;
    }
  }

  std::exception_ptr overloaded() const {
    return std::make_exception_ptr(Error{ErrorCode::overloaded, settings_.overload});
  }

  static std::exception_ptr shutting_down() {
    return std::make_exception_ptr(Error{ErrorCode::draining, "The server is shutting down."});
  }

  const WorkerPoolSettings settings_;
  const std::function<Context()> make_context_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fechatter
