#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/awaited_completion.hpp"
#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/observability/histogram.hpp"
#include "fechatter_core/observability/tracer.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_server/outbox/relay_waker.hpp"

namespace fechatter::server {

struct AppendSettings {
  std::string database_url;
  std::string options;             // server parameters of the connections
  std::size_t writers = 1;         // threads with a connection each; a chat belongs to one of them
  std::size_t slow_writers = 1;    // for chats that another transaction has locked
  std::size_t batch_max = 256;     // messages in one round trip
  std::size_t queue_max = 10'000;  // waiting messages per writer; beyond: 503
  observability::TracerPtr tracer = nullptr;
};

// What the writers count. Any thread.
struct AppendCounts {
  observability::Counter created;
  observability::Counter slow;    // requests that went to a slow writer
  observability::Counter failed;  // batches
  observability::Histogram batch_sizes{observability::batch_sizes};
  // One round trip to PostgreSQL with its commit, for a batch.
  observability::Histogram commit_times{observability::quick_seconds};
};

// The write path of messages (group commit): the sends that wait are stored in one transaction, and
// while it commits, the next batch gathers, without a timer. A chat belongs to one writer
// (chat_id % writers). A chat that another transaction has locked goes to a slow writer, which
// waits for the lock, so that no other chat waits for it. Any thread.
class AppendQueue {
 public:
  // Called once, on a writer's thread or, for a refusal, on the caller's. `append` passes the
  // coroutine that awaits it.
  using Completion = fechatter::Completion<AppendOutcome>;

  // The relay is woken after each batch that created a message.
  AppendQueue(AppendSettings settings, RelayWaker relay);
  // Ends the batch under way, fails the requests that still wait.
  ~AppendQueue();
  AppendQueue(const AppendQueue&) = delete;
  AppendQueue& operator=(const AppendQueue&) = delete;

  // Resumes the caller on its own executor. Throws overloaded when the queue is full, draining when
  // it ends, and what Connection::run throws.
  awaitable<AppendOutcome> append(AppendRequest request);
  void push(AppendRequest request, Completion completion);

  const AppendCounts& counts() const { return counts_; }
  // Requests that wait for a writer.
  std::size_t waiting() const;

 private:
  struct Item {
    AppendRequest request;
    Completion completion;
    observability::OpenSpan span = {};  // of a sampled request
  };
  using Batch = std::vector<Item>;

  struct Lane {
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<Item> waiting;
    bool stopping = false;
    std::thread thread;
  };

  void enqueue(Lane& lane, Item item);
  void serve(Lane& lane, bool slow);
  Batch next_batch(Lane& lane, bool slow) const;
  void write_batch(postgres::Connection& connection, Batch batch, bool slow);
  void write_one_by_one(postgres::Connection& connection, Batch& batch, bool slow);
  void settle(Item& item, AppendOutcome outcome, bool slow);
  void record(const Item& item, const AppendOutcome& outcome) const;
  static void stop(Lane& lane);

  const AppendSettings settings_;
  const RelayWaker relay_;
  AppendCounts counts_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Lane>> slow_lanes_;
};

}  // namespace fechatter::server
