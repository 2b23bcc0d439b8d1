#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "fechatter_core/event/deliveries.hpp"

namespace fechatter::notify {

// The highest number of each chat that was written to each user since it was last asked: the
// receipts. 50,000 pairs of chat and user at most; further ones are left out. Any thread. Chats
// beyond the fan-out member limit have no receipts, so their callers leave them out.
class DeliveryLog {
 public:
  void record(ChatId chat, std::int64_t seq, const std::vector<UserId>& users);
  // Empties the log.
  std::vector<event::Delivery> take_all();

 private:
  struct Reached {
    std::int64_t seq = 0;
    Timestamp at;
  };

  std::mutex mutex_;
  std::map<std::pair<ChatId, UserId>, Reached> reached_;
};

}  // namespace fechatter::notify
