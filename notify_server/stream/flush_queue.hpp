#pragma once

#include <vector>

namespace fechatter::notify {

class StreamConnection;

// The connections of a shard with frames to send; each is flushed once before a handler ends, so
// that in a burst several frames go out in one system call. Empty between handlers. One thread.
class FlushQueue {
 public:
  // REQUIRES: not in the queue yet.
  void add(StreamConnection& connection) { dirty_.push_back(&connection); }
  void remove(StreamConnection& connection) { std::erase(dirty_, &connection); }
  void flush();

 private:
  std::vector<StreamConnection*> dirty_;
  std::vector<StreamConnection*> flushing_;
};

}  // namespace fechatter::notify
