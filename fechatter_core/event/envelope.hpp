#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::event {

// The stream, its subjects, and what a message of it carries beside the envelope.
inline constexpr const char* stream_name = "FECHATTER_EVENTS";
inline constexpr const char* stream_subjects = "fechatter.v1.event.>";
inline constexpr const char* epoch_header = "Fechatter-Epoch";
inline constexpr const char* epoch_first_header = "Fechatter-Epoch-First";
inline constexpr const char* epoch_covers_header = "Fechatter-Epoch-Covers";
inline constexpr const char* epoch_republish_through_header = "Fechatter-Epoch-Republish-Through";
inline constexpr const char* first_position_header = "Fechatter-First-Position";
inline constexpr std::size_t envelope_bytes_max = 512 * 1024;

// Core NATS, never stored: tells the instance that holds the relay's lease that its outbox has
// grown.
inline constexpr const char* outbox_wake_subject = "fechatter.v1.realtime.outbox";

// The same: a reader of the stream has seen what does not fit together (event::StreamObservation);
// the holder of the lease looks whether the stream is sound.
inline constexpr const char* verify_subject = "fechatter.v1.realtime.verify";

// The same: sessions that have ended (nats::RevocationChannel).
inline constexpr const char* revocation_subject = "fechatter.v1.realtime.revoked";

// The same: who is online on which instance (notify::PresenceChannel).
inline constexpr const char* presence_subject = "fechatter.v1.realtime.presence";

// fechatter.v1.event.<workspace_id>.<chat_id or 0>.<type>
std::string subject_of(WorkspaceId workspace, ChatId chat, std::string_view type);

// Who is told.
enum class AudienceKind { chat, users, workspace };

struct Audience {
  AudienceKind kind = AudienceKind::chat;
  std::vector<UserId> users = {};  // of AudienceKind::users only
  std::vector<ChatId> chats = {};  // the same: their members too, 1,000 chats at most
};

// One event as it travels. docs/events.md describes the JSON.
struct Envelope {
  EventId event_id;
  std::string type;
  WorkspaceId workspace_id;
  ChatId chat_id;                   // 0: none
  std::optional<std::int64_t> seq;  // the message's, for what a message did
  std::string occurred_at;          // RFC 3339
  Audience audience;
  std::vector<UserId> added;    // to the chat, by this event; always told
  std::vector<UserId> removed;  // from the chat, by this event; always told
  std::string trace;            // W3C traceparent, or empty
  std::string data;             // an object, as compact_json has it
};

// Throws std::invalid_argument with a reason when the bytes are no envelope.
Envelope parse_envelope(std::string_view bytes);

}  // namespace fechatter::event
