#include "notify_server/presence/presence_events.hpp"

#include <unordered_map>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {

std::vector<EventPtr> make_presence_events(const std::vector<PresenceChange>& changes,
                                           const std::vector<postgres::MemberRow>& memberships) {
  std::unordered_map<UserId, std::vector<ChatId>> chats;
  for (const auto& row : memberships) chats[row.user_id].push_back(row.chat_id);
  std::vector<EventPtr> events;
  for (const auto& change : changes) {
    auto event = std::make_shared<Event>();
    event->workspace_id = change.user.workspace_id;
    event->audience = event::AudienceKind::users;
    if (const auto found = chats.find(change.user.user_id); found != chats.end()) {
      event->chats = found->second;
    }
    event->ephemeral = true;
    event->subject = change.user.user_id;
    if (change.of_away) event->users = {change.user.user_id};
    event->to_subject = change.of_away;
    event->to_subscribers = true;
    event->frame = presence_frame(change.user.user_id, change.state.status,
                                  wall_time(change.state.since), change.state.platform);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace fechatter::notify
