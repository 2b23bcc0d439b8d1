#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/annotation.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/message.hpp"
#include "fechatter_core/text/mentions.hpp"
#include "fechatter_core/trace_context.hpp"

namespace fechatter {

enum class UsedUp { user, workspace };

// A place of a text that mentions if its name is the full name of a member.
struct MentionPlace {
  MentionCandidate candidate;
  std::optional<UserId> user = {};  // that the sender says is meant
};

struct AppendRequest {
  Caller sender;
  ChatId chat_id;
  MessageDraft draft;
  std::string request_hash;  // with a key: SHA-256 of the request, as bytea text
  // The quota that is used up, if any: a new message is refused then, a repeated one is not.
  std::optional<UsedUp> used_up = {};
  std::vector<MentionPlace> places = {};  // of the draft's content, to be resolved
  TraceContext trace = {};  // the span of the request; sampled: the event belongs to its trace
};

struct AppendOutcome {
  enum class Kind {
    created,
    replayed,  // same key, same request: `message` as it is now
    key_reused,
    not_a_member,  // or no such chat
    unknown_reply_to,
    unknown_file,          // a file is no upload of the sender in this workspace
    mention_outside,       // a mentioned user is no member of the chat
    range_outside,         // likewise, of the draft's mention_ranges
    everyone_forbidden,    // the chat allows no @all and @here
    everyone_unconfirmed,  // they would mention many, and are not confirmed
    archived,              // the chat is
    read_only,             // only the owner and the admins of the chat write in it
    quota_user,            // as the request says
    quota_workspace,
    busy,  // the chat stayed locked for the time that a writer waits
  };
  Kind kind = Kind::busy;
  std::optional<Message> message;  // of created and replayed
};

// The outcome of an edit or a deletion. Only `done` changed anything.
enum class MessageOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  no_such_message,
  forbidden,
  deleted,          // a tombstone cannot be edited
  archived,         // the chat is
  read_only,        // only the owner and the admins of the chat write in it
  empty,            // neither text nor file would be left
  too_large,        // with its files
  mention_outside,  // as for AppendOutcome
  range_outside,
  everyone_forbidden,
  everyone_unconfirmed,
};

struct EditedMessage {
  MessageOutcome outcome = MessageOutcome::not_found;
  std::optional<Message> message;  // when done
};

struct FoundMessage {
  MessageOutcome outcome = MessageOutcome::not_found;  // or done, or no_such_message
  std::optional<Message> message;                      // when done
};

struct ListedEdits {
  MessageOutcome outcome = MessageOutcome::not_found;  // or done, no_such_message, forbidden
  EditList list;
};

struct ListedMessages {
  enum class Outcome {
    done,
    not_found,      // no such chat, or the caller is no member of it
    no_such_anchor  // the page's anchor is no message of this chat
  };
  Outcome outcome = Outcome::not_found;
  MessageList list;
};

inline bool wrote_event(const AppendOutcome& outcome) {
  return outcome.kind == AppendOutcome::Kind::created;
}
inline bool wrote_event(MessageOutcome outcome) {
  return outcome == MessageOutcome::done;
}
inline bool wrote_event(const EditedMessage& edited) {
  return wrote_event(edited.outcome);
}

// Messages. Visibility, threads and errors as described at ChatRepository
// (repository/chat_repository.hpp).
class MessageRepository {
 public:
  virtual ~MessageRepository() = default;

  // Stores the message and its event in one transaction, durably. Concurrent sends share a round
  // trip and a commit.
  virtual awaitable<AppendOutcome> append(AppendRequest request) = 0;

  // Editing to the same text and deleting twice are done, without an event.
  // `places` are those of the new content.
  virtual awaitable<EditedMessage> edit(Caller caller, ChatId chat, MessageId message,
                                        MessageEdit edit, std::vector<MentionPlace> places) = 0;
  virtual awaitable<MessageOutcome> remove(Caller caller, ChatId chat, MessageId message) = 0;

  // For the sender, and for owners and admins of the chat.
  virtual awaitable<ListedEdits> history(Caller caller, ChatId chat, MessageId message,
                                         KeyPage page) = 0;

  virtual awaitable<FoundMessage> find(Caller caller, ChatId chat, MessageId message) = 0;
  virtual awaitable<ListedMessages> list(Caller caller, ChatId chat, MessagePage page) = 0;
};

}  // namespace fechatter
