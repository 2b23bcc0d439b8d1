#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The histories of the clients of a run, and the final state of the database. Plain values, and the
// only input of the checker. Times are microseconds of this machine's clock.
namespace fechatter::chaos {

using Micros = std::int64_t;

// As in Jepsen: `fail` certainly had no effect; `unknown` may have had one, or may still have one.
enum class Outcome { ok, fail, unknown };

// A message, from the first attempt to post it until its outcome was known.
struct Send {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  std::string key;
  std::string content;
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int attempts = 0;
  // The id and the seq of the message in each answer 201 or 200.
  std::vector<std::pair<std::int64_t, std::int64_t>> answers;
  std::int64_t reply_to = 0;            // a message; 0: none
  std::string refusal;                  // the code of the problem when it was refused
  std::vector<std::string> files = {};  // their URLs
};

// A file, from the first attempt to upload it until its outcome was known. No other has its
// content.
struct FileUpload {
  std::int64_t person = 0;
  std::uint64_t size = 0;
  std::string hash;  // SHA-256 of what was sent, 64 hexadecimal digits
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int attempts = 0;
  std::string url;      // when acknowledged
  std::string refusal;  // the code of the problem
};

// Any other request, sent once.
struct Change {
  enum class Kind { edit, deletion, join, leave, add, removal, archive, restore };
  Kind kind = Kind::edit;
  std::int64_t person = 0;  // the sender of the request
  std::int64_t chat = 0;
  std::int64_t subject = 0;  // the message, or the member
  std::string content;       // of an edit
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int status = 0;
};

// A change of a scheduled message, or its cancellation; sent once.
struct Revision {
  bool cancels = false;
  std::string content;
  Micros send_at = 0;  // 0: as before
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int status = 0;
};

// A message that was to be sent later, with its revisions in their order.
struct Scheduled {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  std::string content;  // no other message has it, nor that of a revision
  Micros send_at = 0;
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  std::string refusal;   // the code of the problem
  std::int64_t id = 0;   // 0: unknown
  std::string key = {};  // of the message that it becomes
  std::vector<Revision> revisions = {};
};

// A change of a draft, sent once.
struct DraftChange {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  std::string content;     // empty: the draft ends
  std::int64_t known = 0;  // the version that it replaces
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int status = 0;
  std::int64_t version = 0;  // when acknowledged; 0: there was no draft, and is none
};

// Typing or presence that a person reports; sent once.
struct Activity {
  enum class Kind { presence, typing, typing_outside };  // the last: in a foreign chat
  Kind kind = Kind::presence;
  std::int64_t person = 0;
  std::int64_t chat = 0;  // of typing
  Micros invoked = 0;
  Micros completed = 0;
  int status = 0;
  std::string refusal;  // the code of the problem
};

// The keys of messages that were scheduled begin so (docs/events.md).
inline constexpr std::string_view scheduled_key_begin = "5c4ed01e-";

inline bool is_scheduled_key(std::string_view key) {
  return key.starts_with(scheduled_key_begin);
}

// Events for the own sessions of one user. They take no lock of the chat, so they have no place in
// the order of the chat's events by id. A later MessageRead says all that an earlier one did.
inline constexpr const char* own_read = "MessageRead";
inline constexpr const char* own_draft = "DraftUpdated";
inline constexpr const char* own_failure = "ScheduledMessageFailed";

inline bool is_own(std::string_view type) {
  return type == own_read || type == own_draft || type == own_failure;
}

struct Position {
  std::int64_t epoch = 0;
  std::int64_t stream_seq = 0;

  auto operator<=>(const Position&) const = default;
};

// One entry in the log of a subscriber.
struct StreamEntry {
  enum class Kind { connected, event, caught_up, reset, ended };
  Kind kind = Kind::event;
  Micros at = 0;
  Position position;        // of a frame; of `connected`, the cursor of the request
  bool has_cursor = false;  // of `connected`
  // Of an event:
  std::int64_t event_id = 0;
  std::int64_t chat = 0;
  std::int64_t seq = 0;
  std::int64_t message = 0;
  std::size_t content_hash = 0;
  std::vector<std::int64_t> canaries;  // chats whose canaries the frame contains
  std::string text;                    // type of an event, reason of a Reset, port of a connection
};

struct SubscriberLog {
  std::int64_t subscriber = 0;
  std::int64_t person = 0;
  std::vector<StreamEntry> entries;
};

// An event without an id that a subscriber got.
struct Ephemeral {
  std::int64_t reader = 0;
  std::string type;
  std::int64_t person = 0;  // its subject
  std::int64_t chat = 0;    // 0: none
  std::vector<std::int64_t> canaries;
  Micros at = 0;
};

// The response to a GET of the messages of a foreign chat.
struct ForeignRead {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  int status = 0;
  std::vector<std::int64_t> canaries;
  Micros at = 0;
};

// The target of the fault `store` when a power cut took what NATS had not synced.
inline constexpr const char* unsynced_stream = "what nats-server had not synced";

struct Fault {
  std::string kind;
  std::string target;
  Micros began = 0;
  Micros ended = 0;
};

struct Histories {
  std::vector<Send> sends;
  std::vector<FileUpload> uploads;
  std::vector<Change> changes;
  std::vector<Scheduled> scheduled;
  std::vector<DraftChange> drafts;
  std::vector<Activity> activities;
  std::vector<SubscriberLog> subscribers;
  std::vector<Ephemeral> ephemerals;
  std::vector<ForeignRead> foreign_reads;
  std::vector<Fault> faults;
  std::vector<std::string> broken;  // exceptions that ended clients, such as malformed frames
};

// A message in the final history, by REST.
struct StoredMessage {
  std::int64_t id = 0;
  std::int64_t chat = 0;
  std::int64_t seq = 0;
  std::int64_t sender = 0;
  std::string key;
  std::string content;
  bool deleted = false;
  std::vector<std::string> files = {};  // their URLs
};

// A file of a message, as a member of the chat gets it by REST.
struct StoredFile {
  std::string url;
  int status = 0;
  std::string hash;  // of the bytes that came
};

// A scheduled message that was not sent, by REST.
struct StoredScheduled {
  std::int64_t id = 0;
  std::int64_t person = 0;
  std::int64_t chat = 0;
  std::string key;
  std::string content;
  std::string failure;  // the code; empty while it waits
};

// The draft of a member in a chat, by REST.
struct StoredDraft {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  std::int64_t version = 0;
  std::string content;
};

// A row of the outbox: an event and its audience.
struct StoredEvent {
  std::int64_t id = 0;
  Micros created = 0;
  std::int64_t workspace = 0;
  std::int64_t chat = 0;
  std::string type;
  std::int64_t seq = 0;
  std::int64_t message = 0;
  std::string content;
  bool to_chat = false;
  std::vector<std::int64_t> users;  // the audience, unless it is the chat
  std::vector<std::int64_t> added;
  std::vector<std::int64_t> removed;
  Position position = {};  // of its last publication
  bool erased = false;     // its content, because the message was edited or deleted since
};

struct FinalState {
  std::vector<StoredMessage> messages;                         // by chat and seq
  std::vector<StoredEvent> events;                             // by id
  std::vector<std::pair<std::int64_t, std::int64_t>> members;  // chat, user
  std::vector<std::int64_t> archived;                          // chats, by REST
  std::vector<StoredScheduled> scheduled;
  std::vector<StoredDraft> drafts;
  // After all files that nothing names were to be removed:
  std::vector<StoredFile> files;               // of all messages
  std::vector<std::string> store_differences;  // what `fechatter_server files verify` found
  std::int64_t uncollected_files = 0;          // that nothing names, and that are still there
};

}  // namespace fechatter::chaos
