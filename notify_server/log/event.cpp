#include "notify_server/log/event.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "fechatter_core/event/erasures.hpp"
#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

// Of the events that users get by name, those that show something of a chat. The others are for
// non-members too: they say that a user has come or gone, or that a message was not sent.
constexpr std::string_view shows_chat[] = {"Mentioned",     "ThreadFollowUpdated", "MessageRead",
                                           "ReactionAdded", "ReactionRemoved",     "DraftUpdated"};

std::vector<UserId> sorted(std::vector<UserId> users) {
  std::sort(users.begin(), users.end());
  return users;
}

// For the members of the chats that the audience names, without its users: these get the event
// itself.
EventPtr make_ephemeral_part(const event::Audience& audience, const Event& whole) {
  auto event = std::make_shared<Event>();
  event->event_id = whole.event_id;
  event->workspace_id = whole.workspace_id;
  event->chat_id = whole.chat_id;
  event->audience = event::AudienceKind::users;
  event->chats = audience.ephemeral_chats;
  event->ephemeral = true;
  event->except = audience.ephemeral_except;
  event->except.insert(event->except.end(), whole.users.begin(), whole.users.end());
  event->except = sorted(std::move(event->except));
  event->frame = without_id(whole.frame);
  return event;
}

}  // namespace

EventPtr make_event(event::Envelope envelope, Position position, Position first_position) {
  auto event = std::make_shared<Event>();
  event->position = position;
  event->first_position = first_position;
  event->event_id = envelope.event_id;
  event->workspace_id = envelope.workspace_id;
  event->chat_id = envelope.chat_id;
  event->seq = envelope.seq.value_or(0);
  event->version = envelope.version.value_or(0);
  event->audience = envelope.audience.kind;
  event->users = sorted(std::move(envelope.audience.users));
  event->chats = std::move(envelope.audience.chats);
  event->added = sorted(std::move(envelope.added));
  event->removed = sorted(std::move(envelope.removed));
  event->actor = envelope.actor.value_or(UserId{});
  if (envelope.type == "NewMessage") {
    event->committed_at = parse_rfc3339(envelope.occurred_at).value_or(Timestamp{});
  }
  event->ends_chat = envelope.type == "ChatDeleted";
  event->erased = envelope.type == event::erased_type;
  event->for_members = std::ranges::find(shows_chat, envelope.type) != std::end(shows_chat);
  event->restores_chat = envelope.type == "NewChat";
  event->frame = event_frame(envelope, position);
  if (!envelope.audience.ephemeral_chats.empty()) {
    event->ephemeral_part = make_ephemeral_part(envelope.audience, *event);
  }
  return event;
}

EventPtr read_event(std::string_view bytes, Position at, Position first_position) {
  try {
    return make_event(event::parse_envelope(bytes), at, first_position);
  } catch (const std::invalid_argument&) {
    // The parser's message may quote the content, which must not reach the log.
    spdlog::error("malformed event at {} skipped", to_string(at));
    return nullptr;
  }
}

Frame make_frame(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

Frame frame_of(const EventPtr& event) {
  return Frame{event, &event->frame};
}

Frame frame_of(const EventPtr& event, FrameId id) {
  if (id.position == event->position) return frame_of(event);
  return make_frame(with_id(event->frame, id));
}

}  // namespace fechatter::notify
