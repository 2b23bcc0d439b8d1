#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

Database::Database(const DatabaseSettings& settings) : settings_{settings} {
  threads_.reserve(settings_.pool_size);
  for (std::size_t i = 0; i < settings_.pool_size; ++i) threads_.emplace_back([this] { serve(); });
}

Database::~Database() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::size_t Database::busy() const {
  const std::lock_guard lock{mutex_};
  return busy_;
}

void Database::submit(std::unique_ptr<Job> job) {
  std::exception_ptr refusal;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) {
      refusal = std::make_exception_ptr(
          Error{ErrorCode::draining, "The server is shutting down."});
    } else if (waiting_.size() >= settings_.queue_max) {
      refusal = std::make_exception_ptr(
          Error{ErrorCode::overloaded, "Too many requests wait for the database."});
    } else {
      waiting_.push_back(std::move(job));
    }
  }
  if (refusal) {
    job->fail(refusal);
  } else {
    wake_.notify_one();
  }
}

void Database::serve() {
  Connection connection{settings_.url, settings_.options};
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
      job->fail(std::make_exception_ptr(
          Error{ErrorCode::draining, "The server is shutting down."}));
    } else {
      job->run(connection);
    }
    job.reset();
    lock.lock();
    --busy_;
  }
}

}  // namespace fechatter::postgres
