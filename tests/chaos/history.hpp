#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What the clients of a run did and saw, and what the database says at its end. Plain values: the
// checker judges nothing else. Times are microseconds of the one clock of this machine.
namespace fechatter::chaos {

using Micros = std::int64_t;

// As in Jepsen: `fail` is known not to have happened, `unknown` may have happened or may yet.
enum class Outcome { ok, fail, unknown };

// A message, from the first attempt to post it until its sender knew.
struct Send {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  std::string key;
  std::string content;
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int attempts = 0;
  // Of each answer 201 or 200: the message's id and number.
  std::vector<std::pair<std::int64_t, std::int64_t>> answers;
};

// Anything else that was asked for, once.
struct Change {
  enum class Kind { edit, erase, join, leave, add, expel };
  Kind kind = Kind::edit;
  std::int64_t person = 0;  // who asked
  std::int64_t chat = 0;
  std::int64_t subject = 0;  // the message, or the member
  std::string content;       // of an edit
  Micros invoked = 0;
  Micros completed = 0;
  Outcome outcome = Outcome::unknown;
  int status = 0;
};

struct Position {
  std::int64_t epoch = 0;
  std::int64_t stream_seq = 0;

  auto operator<=>(const Position&) const = default;
};

// One thing that a listener saw, or did.
struct Seen {
  enum class Kind { connected, event, caught_up, reset, ended };
  Kind kind = Kind::event;
  Micros at = 0;
  Position position;        // of a frame; of `connected`, the cursor it came with
  bool has_cursor = false;  // of `connected`
  // Of an event:
  std::int64_t event_id = 0;
  std::int64_t chat = 0;
  std::int64_t seq = 0;
  std::int64_t message = 0;
  std::size_t content_hash = 0;
  std::vector<std::int64_t> canaries;  // the chats whose canaries are in the frame's bytes
  std::string text;  // an event's type, a Reset's reason, where it connected, why it ended
};

struct Listening {
  std::int64_t listener = 0;
  std::int64_t person = 0;
  std::vector<Seen> seen;
};

// What a chat of another workspace, or without the asker, answered to GET.
struct Peek {
  std::int64_t person = 0;
  std::int64_t chat = 0;
  int status = 0;
  std::vector<std::int64_t> canaries;
  Micros at = 0;
};

struct Fault {
  std::string kind;
  std::string target;
  Micros began = 0;
  Micros ended = 0;
};

struct Histories {
  std::vector<Send> sends;
  std::vector<Change> changes;
  std::vector<Listening> listeners;
  std::vector<Peek> peeks;
  std::vector<Fault> faults;
  std::vector<std::string> broken;  // why clients ended early: what came was not what it should be
};

// A message as it is at the end, by REST.
struct StoredMessage {
  std::int64_t id = 0;
  std::int64_t chat = 0;
  std::int64_t seq = 0;
  std::int64_t sender = 0;
  std::string key;
  std::string content;
  bool deleted = false;
};

// A row of the outbox: what was to be told, and to whom.
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
  std::vector<std::int64_t> users;  // of the audience, when it is not the chat
  std::vector<std::int64_t> added;
  std::vector<std::int64_t> removed;
  Position position = {};  // where it was published, the last time
};

struct FinalState {
  std::vector<StoredMessage> messages;                         // by chat and seq
  std::vector<StoredEvent> events;                             // by id
  std::vector<std::pair<std::int64_t, std::int64_t>> members;  // chat, user
};

}  // namespace fechatter::chaos
