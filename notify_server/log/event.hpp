#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/model/message_key.hpp"
#include "notify_server/log/cursor.hpp"

namespace fechatter::notify {

// Bytes that many connections send; encoded once.
using Frame = std::shared_ptr<const std::string>;
Frame make_frame(std::string bytes);

// What a shard needs to know of an event, and the bytes that clients get. Immutable, and shared by
// all shards, their rings and their connections.
struct Event {
  Position position;
  Position first_position;  // where an earlier epoch published it first; {}: not known of any
  EventId event_id;
  WorkspaceId workspace_id;
  ChatId chat_id;
  // Of a NewMessage: when its transaction was about to commit, by the clock of PostgreSQL; {}: of
  // another event. Its delivery is measured from then on.
  Timestamp committed_at = {};
  std::int64_t seq = 0;      // of the message that the event shows; 0: it shows none
  std::int64_t version = 0;  // of that message; 0: an older server has published the event
  event::AudienceKind audience = event::AudienceKind::chat;
  std::vector<UserId> users;    // of the audience, sorted
  std::vector<ChatId> chats;    // the members of these chats belong to the audience too
  std::vector<UserId> added;    // sorted
  std::vector<UserId> removed;  // sorted
  UserId actor = {};            // the sender of a NewMessage; {}: not known, or another event
  bool ends_chat = false;       // ChatDeleted
  bool erased = false;          // has only its place in the order
  // Of an event for `users`: it shows something of the chat, so it is replayed to members only.
  bool for_members = false;
  bool restores_chat = false;  // its members at its deletion, if it was deleted, are members again
  // Has no position, is not put into the ring, and is dropped for a blocked connection.
  bool ephemeral = false;
  UserId subject = {};              // of an ephemeral event: this user does not receive it …
  bool to_subject = false;          // … unless this is true
  std::vector<UserId> except = {};  // likewise; sorted
  bool to_subscribers = false;      // to the sessions that have subscribed to the subject, too
  std::string frame;
  // The same event for those that get it as an ephemeral one; null: there are none.
  std::shared_ptr<const Event> ephemeral_part = nullptr;

  bool shows_message() const { return seq != 0; }
  // REQUIRES: shows_message().
  MessageKey message() const { return {chat_id, seq}; }
};
using EventPtr = std::shared_ptr<const Event>;

EventPtr make_event(event::Envelope envelope, Position position, Position first_position = {});

// The event in a message of the stream; null, with a line in the log, when the message is no event.
EventPtr read_event(std::string_view bytes, Position at, Position first_position = {});

// The event's bytes, which keep the event alive.
Frame frame_of(const EventPtr& event);
// The same under another id.
Frame frame_of(const EventPtr& event, FrameId id);

}  // namespace fechatter::notify
