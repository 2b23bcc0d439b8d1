#include "notify_server/stream/connection_table.hpp"

namespace fechatter::notify {

using namespace std::chrono_literals;

void ConnectionTable::add(const std::shared_ptr<StreamConnection>& connection,
                          const StreamRequest& request) {
  connection->index = entries_.size();
  entries_.push_back({connection, request.session_id, request.expires_at, choose_slot(),
                      request.lasts_as_session});
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

void ConnectionTable::close_expired(std::chrono::sys_seconds now, std::chrono::seconds patience) {
  for (auto i = entries_.size(); i-- > 0;) {
    const auto& entry = entries_[i];
    const auto ends_at = entry.expires_at + (entry.lasts_as_session ? patience : 0s);
    if (ends_at <= now) entry.connection->close(CloseCause::token_expired);
  }
}

std::vector<SessionId> ConnectionTable::due_sessions(std::chrono::sys_seconds now,
                                                     std::size_t count_max) const {
  std::vector<SessionId> due;
  for (const auto& entry : entries_) {
    if (due.size() == count_max) break;
    if (entry.lasts_as_session && entry.expires_at <= now) due.push_back(entry.session);
  }
  return due;
}

void ConnectionTable::renew(
    const std::unordered_map<SessionId, std::chrono::sys_seconds>& sessions) {
  for (auto& entry : entries_) {
    const auto found = sessions.find(entry.session);
    if (entry.lasts_as_session && found != sessions.end()) entry.expires_at = found->second;
  }
}

void ConnectionTable::close_sessions(const std::unordered_set<SessionId>& sessions) {
  for (auto i = entries_.size(); i-- > 0;) {
    if (!sessions.contains(entries_[i].session)) continue;
    entries_[i].connection->close(CloseCause::session_ended);
  }
}

void ConnectionTable::drain_last(std::size_t count) {
  for (; count > 0 && !entries_.empty(); --count) {
    entries_.back().connection->close(CloseCause::drained);
  }
}

}  // namespace fechatter::notify
