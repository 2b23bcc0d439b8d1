#include "notify_server/stream/delivery_log.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t pairs_max = 50'000;

}  // namespace

void DeliveryLog::record(ChatId chat, std::int64_t seq, const std::vector<UserId>& users) {
  if (users.empty()) return;
  const auto at = now();
  const std::lock_guard lock{mutex_};
  for (const auto user : users) {
    const auto known = reached_.find({chat, user});
    if (known != reached_.end()) {
      if (known->second.seq < seq) known->second = {seq, at};
    } else if (reached_.size() < pairs_max) {
      reached_.emplace(std::pair{chat, user}, Reached{seq, at});
    }
  }
}

std::vector<event::Delivery> DeliveryLog::take_all() {
  std::map<std::pair<ChatId, UserId>, Reached> all;
  {
    const std::lock_guard lock{mutex_};
    all.swap(reached_);
  }
  std::vector<event::Delivery> deliveries;
  deliveries.reserve(all.size());
  for (const auto& [pair, reached] : all) {
    deliveries.push_back({pair.first, pair.second, reached.seq, reached.at});
  }
  return deliveries;
}

}  // namespace fechatter::notify
