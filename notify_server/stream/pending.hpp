#pragma once

#include <sys/uio.h>

#include <memory>
#include <vector>

#include "notify_server/log/event.hpp"
#include "notify_server/stream/shard_counts.hpp"

namespace fechatter::notify {

// The frames queued for one socket, in order. One thread.
class Pending {
 public:
  bool empty() const { return first_ == frames_.size(); }
  std::size_t count() const { return frames_.size() - first_; }
  std::size_t bytes() const { return bytes_; }

  // `committed_at`: of the message whose delivery is measured; {}: none is.
  void push(const Frame& frame, Timestamp committed_at = {});
  // Sends the queued frames in one system call; returns what send() does. REQUIRES: not empty.
  ssize_t send_to(int socket) const;
  // Fills in the next bytes to send, as far as they fit; returns the number of pieces.
  std::size_t gather(iovec* pieces, std::size_t max) const;
  // `sent` bytes were sent. Records the frames that are sent whole now; null: nowhere.
  void consume(std::size_t sent, DeliveryTimes* times = nullptr);
  void clear();

  std::size_t capacity() const { return frames_.capacity(); }

 private:
  struct Queued {
    Frame frame;
    Timestamp committed_at;
  };

  std::vector<Queued> frames_;
  std::size_t first_ = 0;       // index of the first frame that is not sent entirely
  std::size_t first_sent_ = 0;  // bytes of it that are sent
  std::size_t bytes_ = 0;       // unsent
};

// Spare queues: connections without queued frames have none. Bounded. One thread.
class PendingPool {
 public:
  std::unique_ptr<Pending> take();
  // REQUIRES: empty.
  void give_back(std::unique_ptr<Pending> pending);

 private:
  std::vector<std::unique_ptr<Pending>> spare_;
};

}  // namespace fechatter::notify
