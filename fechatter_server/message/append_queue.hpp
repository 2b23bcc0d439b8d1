#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/repository/message_repository.hpp"

namespace fechatter::server {

struct AppendSettings {
  std::string database_url;
  std::string options;             // server parameters of the connections
  std::size_t writers = 1;         // threads with a connection each; a chat belongs to one of them
  std::size_t slow_writers = 1;    // for chats that are locked by somebody else
  std::size_t batch_max = 256;     // messages in one round trip
  std::size_t queue_max = 10'000;  // messages that wait, per writer; beyond: 503
};

// The write path of messages. Sends that wait are gathered and committed together, without a timer:
// while one batch commits, the next one gathers. A chat belongs to one writer (chat_id % writers).
// A chat whose lock somebody else holds goes to the slow lane, which waits for it, so that it stops
// no other. Any thread.
class AppendQueue {
 public:
  // Called on a writer's thread, once.
  using Done = std::function<void(std::exception_ptr, AppendOutcome)>;

  // `committed` is called on a writer's thread after each batch that created something.
  AppendQueue(AppendSettings settings, std::function<void()> committed);
  // Ends what is under way, fails what still waits.
  ~AppendQueue();
  AppendQueue(const AppendQueue&) = delete;
  AppendQueue& operator=(const AppendQueue&) = delete;

  void push(AppendRequest request, Done done);

 private:
  struct Item {
    AppendRequest request;
    Done done;
  };
  using Batch = std::vector<Item>;

  struct Lane {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Item> waiting;
    bool stopping = false;
    std::thread thread;
  };

  void enqueue(Lane& lane, Item item);
  void serve(Lane& lane, bool slow);
  Batch take(Lane& lane, bool slow) const;
  void write(postgres::Connection& connection, Batch batch, bool slow);
  void write_one_by_one(postgres::Connection& connection, Batch& batch, bool slow);
  void settle(Item& item, AppendOutcome outcome, bool slow);
  static void stop(Lane& lane);

  const AppendSettings settings_;
  const std::function<void()> committed_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Lane>> slow_lanes_;
};

}  // namespace fechatter::server
