#pragma once

#include <optional>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/annotation.hpp"
#include "fechatter_core/model/caller.hpp"

namespace fechatter {

// Only `done` changed anything.
enum class AnnotationOutcome {
  done,       // also when there was nothing to change
  not_found,  // no such chat, or the caller is no member of it
  no_such_message,
  forbidden,  // the chat lets admins pin only
  archived,   // the chat is: of reactions and pins
  deleted,    // a tombstone cannot be annotated
  full,       // no more fit: kinds of reactions, pins of the chat, saved messages of the user
};

inline bool wrote_event(AnnotationOutcome outcome) {
  return outcome == AnnotationOutcome::done;
}

struct AnnotatedOutcome {
  AnnotationOutcome outcome = AnnotationOutcome::not_found;
  std::optional<Message> message;  // when done, as it is now
};

inline bool wrote_event(const AnnotatedOutcome& annotated) {
  return wrote_event(annotated.outcome);
}

struct ListedPins {
  AnnotationOutcome outcome = AnnotationOutcome::not_found;  // or done
  AnnotatedList list;
};

// What members add to messages. Visibility, threads and errors as described at ChatRepository
// (repository/chat_repository.hpp). To set what is set, and to remove what is not there, is done,
// without an event.
class AnnotationRepository {
 public:
  virtual ~AnnotationRepository() = default;

  // The caller's reaction with that emoji, which find_emoji() has normalised.
  virtual awaitable<AnnotatedOutcome> set_reaction(Caller caller, ChatId chat, MessageId message,
                                                   std::string emoji, bool present) = 0;
  virtual awaitable<AnnotationOutcome> set_pin(Caller caller, ChatId chat, MessageId message,
                                               bool present) = 0;
  virtual awaitable<ListedPins> pins(Caller caller, ChatId chat, KeyPage page) = 0;

  // A saved message of a chat that the caller has left can be removed.
  virtual awaitable<AnnotationOutcome> set_saved(Caller caller, MessageId message,
                                                 bool present) = 0;
  // Those of chats that the caller is a member of now.
  virtual awaitable<AnnotatedList> saved(Caller caller, KeyPage page) = 0;
};

}  // namespace fechatter
