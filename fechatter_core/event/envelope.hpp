#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::event {

// The stream, its subjects, and the headers of its messages.
inline constexpr const char* stream_name = "FECHATTER_EVENTS";
inline constexpr const char* stream_subjects = "fechatter.v1.event.>";
// The filter of a consumer of the whole stream that is asked for its lag. With stream_subjects,
// after each such question, NATS 2.9 compares the filter with each subject of a block, which is one
// for each chat, to tell what is behind a message. Without it damaged messages are counted, too.
inline constexpr const char* every_subject = ">";
inline constexpr const char* epoch_header = "Fechatter-Epoch";
inline constexpr const char* epoch_first_header = "Fechatter-Epoch-First";
inline constexpr const char* epoch_covers_header = "Fechatter-Epoch-Covers";
inline constexpr const char* epoch_republish_through_header = "Fechatter-Epoch-Republish-Through";
inline constexpr const char* first_position_header = "Fechatter-First-Position";
inline constexpr const char* workspace_previous_header = "Fechatter-Workspace-Previous";
inline constexpr const char* trace_header = "traceparent";  // W3C Trace Context
inline constexpr std::size_t envelope_bytes_max = 512 * 1024;

// Core NATS, not stored: wakes the holder of the relay's lease after a commit to the outbox.
inline constexpr const char* outbox_wake_subject = "fechatter.v1.realtime.outbox";

// Core NATS: a consumer reports an inconsistency of the stream (event::StreamObservation); the
// holder of the lease verifies the stream.
inline constexpr const char* verify_subject = "fechatter.v1.realtime.verify";

// Core NATS: ended sessions (nats::RevocationChannel).
inline constexpr const char* revocation_subject = "fechatter.v1.realtime.revoked";

// Core NATS: the users that are online on an instance (notify::PresenceChannel).
inline constexpr const char* presence_subject = "fechatter.v1.realtime.presence";

// Core NATS: what notify_server has written to users (event::Deliveries).
inline constexpr const char* delivered_subject = "fechatter.v1.realtime.delivered";

// Core NATS: the users whose presence a session of a client wants to see
// (notify::SubscriptionMessage).
inline constexpr const char* subscriptions_subject = "fechatter.v1.realtime.subscriptions";

// Core NATS: what clients have said to fechatter_server about themselves (event::ActivityMessage).
inline constexpr const char* activity_subject = "fechatter.v1.realtime.activity";

// fechatter.v1.event.<workspace_id>.<chat_id or 0>.<type>
std::string subject_of(WorkspaceId workspace, ChatId chat, std::string_view type);
// Of all events of a workspace.
std::string subjects_of(WorkspaceId workspace);

// The users that are entitled to an event.
enum class AudienceKind { chat, users, workspace };

struct Audience {
  AudienceKind kind = AudienceKind::chat;
  std::vector<UserId> users = {};  // of AudienceKind::users only
  std::vector<ChatId> chats = {};  // likewise: their members too
  // The members of these chats, without those of `ephemeral_except`, get the event as an ephemeral
  // one: now or never, and without an id.
  std::vector<ChatId> ephemeral_chats = {};
  std::vector<UserId> ephemeral_except = {};
};

// One event as it is published. docs/events.md describes the JSON.
struct Envelope {
  EventId event_id;
  std::string type;
  WorkspaceId workspace_id;
  ChatId chat_id;                       // 0: none
  std::optional<std::int64_t> seq;      // of the message, for events about one
  std::optional<std::int64_t> version;  // of that message; absent in events of older servers
  std::string occurred_at;              // RFC 3339
  Audience audience;
  std::vector<UserId> added;    // to the chat, by this event; always in the audience
  std::vector<UserId> removed;  // from the chat, by this event; always in the audience
  std::optional<UserId> actor;  // of a NewMessage: its sender; absent in events of older servers
  std::string trace;            // W3C traceparent, or empty
  std::string data;             // an object, compacted by compact_json
};

// Throws std::invalid_argument with a reason for bytes that are no envelope.
Envelope parse_envelope(std::string_view bytes);

}  // namespace fechatter::event
