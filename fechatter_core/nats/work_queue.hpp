#pragma once

#include <string>
#include <vector>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/nats/connection.hpp"

namespace fechatter::nats {

// A durable consumer of the stream of events that any number of processes share: each message is
// given to one of them, again after `patience` or when it says so, until one has said that it is
// done.
// Messages may come again, and in another order. The connection ends with it. Every call throws
// Failure, after which the queue is worth nothing any more. One thread.
class WorkQueue {
 public:
  struct Item {
    event::StreamMessage message;
    Message raw;
  };

  // What remains in the stream for a consumer of that name; for a new one, all that is there.
  WorkQueue(Connection& connection, const std::string& name, std::chrono::seconds patience);

  // Up to `count_max`: waits `patience` for the first, then, until there are `enough`, no longer
  // than `gather` for more, and takes with them what else is there.
  struct Appetite {
    std::size_t count_max = 1;
    std::size_t enough = 1;
    std::chrono::milliseconds patience{500};
    std::chrono::milliseconds gather{0};
  };
  std::vector<Item> take(const Appetite& appetite);

  void done(const Item& item);
  void again_after(const Item& item, std::chrono::milliseconds delay);
  // Puts it aside, for good, on fechatter.v1.dead.<name>, and is done with it.
  void bury(const Item& item, const std::string& reason);

 private:
  // Up to `count` messages, as soon as they are there, for at most `wait` (> 0).
  void fetch(std::vector<Item>& items, std::size_t count, std::chrono::milliseconds wait);

  const std::string name_;
  std::unique_ptr<jsCtx, Destroyer<jsCtx, jsCtx_Destroy>> context_;
  std::optional<Subscription> subscription_;
};

}  // namespace fechatter::nats
