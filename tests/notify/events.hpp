#pragma once

#include <string>
#include <vector>

#include "notify_server/log/stream_update.hpp"

// Hand-made envelopes for tests.
namespace fechatter::notify::test {

inline constexpr WorkspaceId acme{1};
inline constexpr WorkspaceId other_workspace{2};
inline constexpr UserId alice{11};
inline constexpr UserId bob{12};
inline constexpr UserId mallory{13};
inline constexpr ChatId lunch{101};
inline constexpr ChatId secret{102};

// An event for the members of `chat`.
inline event::Envelope in_chat(ChatId chat, std::int64_t event_id,
                               const std::string& type = "NewMessage") {
  event::Envelope envelope;
  envelope.event_id = EventId{event_id};
  envelope.type = type;
  envelope.workspace_id = acme;
  envelope.chat_id = chat;
  envelope.occurred_at = "2026-01-31T09:08:07.000000Z";
  envelope.data = R"({"content":"hello"})";
  return envelope;
}

// That version of a message.
inline event::Envelope shows(MessageKey message, std::int64_t version, std::int64_t event_id) {
  auto envelope =
      in_chat(message.chat_id, event_id, version == 1 ? "NewMessage" : "MessageUpdated");
  envelope.seq = message.seq;
  envelope.version = version;
  return envelope;
}

inline event::Envelope to_users(std::vector<UserId> users, std::int64_t event_id) {
  auto envelope = in_chat(ChatId{0}, event_id, "UserUpdated");
  envelope.audience = {event::AudienceKind::users, std::move(users)};
  return envelope;
}

// An event about `chat` for one user.
inline event::Envelope to_user_of(ChatId chat, UserId user, std::int64_t event_id,
                                  const std::string& type) {
  auto envelope = in_chat(chat, event_id, type);
  envelope.audience = {event::AudienceKind::users, {user}};
  return envelope;
}

inline event::Envelope to_chats(std::vector<ChatId> chats, std::int64_t event_id) {
  auto envelope = in_chat(ChatId{0}, event_id, "UserUpdated");
  envelope.audience = {event::AudienceKind::users, {}, std::move(chats)};
  return envelope;
}

inline event::Envelope to_workspace(WorkspaceId workspace, std::int64_t event_id) {
  auto envelope = in_chat(ChatId{0}, event_id, "WorkspaceUpdated");
  envelope.workspace_id = workspace;
  envelope.audience = {event::AudienceKind::workspace, {}};
  return envelope;
}

inline event::Envelope joins(UserId user, ChatId chat, std::int64_t event_id) {
  auto envelope = in_chat(chat, event_id, "UserJoinedChat");
  envelope.added = {user};
  return envelope;
}

inline event::Envelope leaves(UserId user, ChatId chat, std::int64_t event_id) {
  auto envelope = in_chat(chat, event_id, "UserLeftChat");
  envelope.removed = {user};
  return envelope;
}

inline event::Envelope ends(ChatId chat, std::int64_t event_id) {
  return in_chat(chat, event_id, "ChatDeleted");
}

inline event::Envelope restores(ChatId chat, std::int64_t event_id) {
  return in_chat(chat, event_id, "NewChat");
}

inline StreamUpdate update_at(event::Envelope envelope, Position at) {
  return {StreamUpdate::Kind::event, at, make_event(std::move(envelope), at)};
}

}  // namespace fechatter::notify::test
