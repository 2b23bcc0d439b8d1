#include "notify_server/stream/flush_queue.hpp"

#include "notify_server/stream/stream_connection.hpp"

namespace fechatter::notify {

void FlushQueue::flush() {
  flushing_.swap(dirty_);
  for (auto* connection : flushing_) connection->flush();
  flushing_.clear();
}

}  // namespace fechatter::notify
