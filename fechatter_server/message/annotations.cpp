#include "fechatter_server/message/annotations.hpp"

#include <fmt/format.h>

#include "fechatter_core/text/emoji.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/message/message_refusals.hpp"

namespace fechatter::server {
namespace {

// `full` is the refusal when no more fit.
void require_done(AnnotationOutcome outcome, const Error& full) {
  switch (outcome) {
    case AnnotationOutcome::done: return;
    case AnnotationOutcome::not_found: throw no_such_chat();
    case AnnotationOutcome::no_such_message: throw no_such_message();
    case AnnotationOutcome::forbidden:
      throw Error{ErrorCode::forbidden, "Only owners and admins pin in this chat."};
    case AnnotationOutcome::archived: throw chat_archived();
    case AnnotationOutcome::deleted: throw deleted_message();
    case AnnotationOutcome::full: throw full;
  }
}

Error too_many_reactions() {
  return invalid_field("emoji", "the message has 50 kinds of reactions, or 100000 reactions");
}

Error too_many_pins() {
  return invalid_field("message_id", "the chat has 50 pinned messages; unpin one first");
}

Error too_many_saved() {
  return invalid_field("message_id", fmt::format("you have {} saved messages", saved_max));
}

}  // namespace

awaitable<Message> Annotations::react(Caller caller, ChatId chat, MessageId message,
                                      std::string emoji) {
  return set_reaction(caller, chat, message, std::move(emoji), true);
}

awaitable<Message> Annotations::unreact(Caller caller, ChatId chat, MessageId message,
                                        std::string emoji) {
  return set_reaction(caller, chat, message, std::move(emoji), false);
}

awaitable<Message> Annotations::set_reaction(Caller caller, ChatId chat, MessageId message,
                                             std::string emoji, bool present) {
  auto normal = find_emoji(emoji);
  if (!normal) {
    throw invalid_field("emoji",
                        fmt::format("must be one emoji of at most {} bytes", emoji_bytes_max));
  }
  auto annotated =
      co_await repository_.set_reaction(caller, chat, message, std::move(*normal), present);
  require_done(annotated.outcome, too_many_reactions());
  co_return std::move(*annotated.message);
}

awaitable<> Annotations::pin(Caller caller, ChatId chat, MessageId message) {
  const auto outcome = co_await repository_.set_pin(caller, chat, message, true);
  require_done(outcome, too_many_pins());
}

awaitable<> Annotations::unpin(Caller caller, ChatId chat, MessageId message) {
  const auto outcome = co_await repository_.set_pin(caller, chat, message, false);
  require_done(outcome, too_many_pins());
}

awaitable<AnnotatedList> Annotations::pins(Caller caller, ChatId chat, KeyPage page) {
  auto listed = co_await repository_.pins(caller, chat, page);
  require_done(listed.outcome, too_many_pins());
  co_return std::move(listed.list);
}

awaitable<> Annotations::save(Caller caller, MessageId message) {
  const auto outcome = co_await repository_.set_saved(caller, message, true);
  require_done(outcome, too_many_saved());
}

awaitable<> Annotations::unsave(Caller caller, MessageId message) {
  const auto outcome = co_await repository_.set_saved(caller, message, false);
  require_done(outcome, too_many_saved());
}

awaitable<AnnotatedList> Annotations::saved(Caller caller, KeyPage page) {
  co_return co_await repository_.saved(caller, page);
}

}  // namespace fechatter::server
