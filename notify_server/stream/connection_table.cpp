#include "notify_server/stream/connection_table.hpp"

namespace fechatter::notify {

void ConnectionTable::add(const std::shared_ptr<StreamConnection>& connection,
                          const StreamRequest& request) {
  connection->index = entries_.size();
  entries_.push_back({connection, request.session_id, request.expires_at, choose_slot()});
}

void ConnectionTable::remove(StreamConnection& connection) {
  const auto index = connection.index;
  std::swap(entries_[index], entries_.back());
  entries_[index].connection->index = index;
  entries_.pop_back();
}

// The first heartbeat comes after half an interval at the earliest; a burst of new connections is
// spread over the second half.
std::size_t ConnectionTable::choose_slot() {
  const auto later_half = slots_ - slots_ / 2;
  return (ticks_ + slots_ / 2 + opened_++ % later_half) % slots_;
}

void ConnectionTable::close_expired(std::chrono::system_clock::time_point now) {
  for (auto i = entries_.size(); i-- > 0;) {
    if (entries_[i].expires_at <= now) entries_[i].connection->close();
  }
}

void ConnectionTable::close_sessions(const std::unordered_set<SessionId>& sessions) {
  for (auto i = entries_.size(); i-- > 0;) {
    if (sessions.contains(entries_[i].session)) entries_[i].connection->close();
  }
}

void ConnectionTable::close_last(std::size_t count) {
  for (; count > 0 && !entries_.empty(); --count) entries_.back().connection->close();
}

}  // namespace fechatter::notify
