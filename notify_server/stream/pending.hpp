#pragma once

#include <sys/uio.h>

#include <memory>
#include <vector>

#include "notify_server/log/event.hpp"

namespace fechatter::notify {

// The frames that wait for one socket, in order. One thread.
class Pending {
 public:
  bool empty() const { return first_ == frames_.size(); }
  std::size_t count() const { return frames_.size() - first_; }
  std::size_t bytes() const { return bytes_; }

  void push(const Frame& frame);
  // Fills in what is to be sent next, as far as it fits; returns the number of pieces.
  std::size_t gather(iovec* pieces, std::size_t max) const;
  // `sent` bytes have gone out.
  void consume(std::size_t sent);
  void clear();

  std::size_t capacity() const { return frames_.capacity(); }

 private:
  std::vector<Frame> frames_;
  std::size_t first_ = 0;       // index of the first frame that is not sent whole
  std::size_t first_sent_ = 0;  // bytes of it that are sent
  std::size_t bytes_ = 0;       // unsent
};

// Queues of connections that have nothing waiting, for those that will. Bounded. One thread.
class PendingPool {
 public:
  std::unique_ptr<Pending> take();
  // REQUIRES: empty.
  void give_back(std::unique_ptr<Pending> pending);

 private:
  std::vector<std::unique_ptr<Pending>> spare_;
};

}  // namespace fechatter::notify
