#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/event/envelope.hpp"
#include "notify_server/log/cursor.hpp"

namespace fechatter::notify {

// Bytes that many connections send; made once.
using Frame = std::shared_ptr<const std::string>;
Frame make_frame(std::string bytes);

// What the shards need to know of one event, and the bytes that clients get. Immutable and shared
// by all shards, their rings and their connections.
struct Event {
  Position position;
  Position first_position;  // where an earlier epoch told it; {}: nowhere, as far as is known
  EventId event_id;
  WorkspaceId workspace_id;
  ChatId chat_id;
  event::AudienceKind audience = event::AudienceKind::chat;
  std::vector<UserId> users;    // of the audience, sorted
  std::vector<ChatId> chats;    // whose members are of the audience too
  std::vector<UserId> added;    // sorted
  std::vector<UserId> removed;  // sorted
  bool ends_chat = false;       // ChatDeleted
  // Neither held nor queued: without a position, and not for those whose socket is full.
  bool passing = false;
  UserId about = {};  // passing: who is not told, being the one it tells of
  std::string frame;
};
using EventPtr = std::shared_ptr<const Event>;

EventPtr make_event(event::Envelope envelope, Position position, Position first_position = {});

// What the stream holds at that position; null, and a line in the log, when that is no event.
EventPtr read_event(std::string_view bytes, Position at, Position first_position = {});

// The event's bytes, which keep the event alive.
Frame frame_of(const EventPtr& event);
// The same with another position as its id.
Frame frame_of(const EventPtr& event, Position position);

}  // namespace fechatter::notify
