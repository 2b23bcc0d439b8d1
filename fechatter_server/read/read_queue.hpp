#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/awaited_completion.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/outbox/relay_waker.hpp"
#include "fechatter_server/read/moved_read.hpp"

namespace fechatter::server {

struct ReadQueueSettings {
  std::string database_url;
  std::string options;             // server parameters of the connection
  std::size_t batch_max = 64;      // a sender waits for the batch that has its row
  std::size_t queue_max = 10'000;  // beyond: 503
};

struct ReadRequest {
  Caller caller;
  ChatId chat;
  ReadTarget target;
};

// Group commit of reads, as AppendQueue of messages: the reads that wait are stored in one
// transaction, and while it commits, the next batch gathers, without a timer. A thread with a
// connection of its own, which waits for no lock of a member. Any thread.
class ReadQueue {
 public:
  // Nullopt: the read is to be made alone, because another transaction has locked the member's row,
  // its own messages are to be counted, or the batch has failed.
  using Outcome = std::optional<MovedRead>;
  using Completion = fechatter::Completion<Outcome>;

  // The relay is woken after each batch that wrote an event.
  ReadQueue(ReadQueueSettings settings, RelayWaker relay);
  // Ends the batch under way, fails the requests that still wait.
  ~ReadQueue();
  ReadQueue(const ReadQueue&) = delete;
  ReadQueue& operator=(const ReadQueue&) = delete;

  // Resumes the caller on its own executor. Throws overloaded when the queue is full, draining when
  // it ends, and what Connection::run throws when the database is away.
  awaitable<Outcome> read(ReadRequest request);

 private:
  struct Item {
    ReadRequest request;
    Completion completion;
  };
  using Batch = std::vector<Item>;

  void push(ReadRequest request, Completion completion);
  void serve();
  Batch next_batch();
  void store(postgres::Connection& connection, Batch& batch);
  void store_batch(postgres::Connection& connection, Batch& batch);

  const ReadQueueSettings settings_;
  const RelayWaker relay_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fechatter::server
