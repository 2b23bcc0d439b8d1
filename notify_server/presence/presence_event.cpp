#include "notify_server/presence/presence_event.hpp"

#include <unordered_map>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {

std::vector<EventPtr> make_presence_events(const std::vector<PresenceChange>& changes,
                                           const std::vector<postgres::MemberRow>& seats) {
  std::unordered_map<UserId, std::vector<ChatId>> chats;
  for (const auto& seat : seats) chats[seat.user_id].push_back(seat.chat_id);
  std::vector<EventPtr> events;
  for (const auto& change : changes) {
    const auto found = chats.find(change.who.user_id);
    if (found == chats.end()) continue;
    const auto age = SteadyClock::now() - change.since;
    const auto since = now() - std::chrono::duration_cast<std::chrono::microseconds>(age);
    auto event = std::make_shared<Event>();
    event->workspace_id = change.who.workspace_id;
    event->audience = event::AudienceKind::users;
    event->chats = found->second;
    event->ephemeral = true;
    event->subject = change.who.user_id;
    event->frame = presence_frame(change.who.user_id, change.online, since);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace fechatter::notify
