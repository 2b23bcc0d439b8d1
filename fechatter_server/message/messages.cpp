#include "fechatter_server/message/messages.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {
namespace {

// Two requests are the same when this text is: fields in one order, mentions as a set.
std::string hash_of(const MessageDraft& draft) {
  auto mentions = nlohmann::json::array();
  for (const auto user : draft.mentions) mentions.push_back(user.value);
  const auto canonical = nlohmann::json::array(
      {draft.content, draft.files, mentions, draft.reply_to ? draft.reply_to->value : 0});
  return auth::to_bytea(auth::sha256(canonical.dump()));
}

void require_done(MessageOutcome outcome) {
  switch (outcome) {
    case MessageOutcome::done: return;
    case MessageOutcome::not_found: throw no_such_chat();
    case MessageOutcome::no_such_message:
      throw Error{ErrorCode::message_not_found, "There is no such message in this chat."};
    case MessageOutcome::forbidden:
      throw Error{ErrorCode::forbidden, "This message is somebody else's."};
    case MessageOutcome::deleted:
      throw Error{ErrorCode::message_deleted, "This message is deleted."};
    case MessageOutcome::empty: throw invalid_field("content", "is required when there is no file");
  }
}

void check(MessageDraft& draft) {
  if (draft.content.empty() && draft.files.empty()) {
    throw invalid_field("content", "is required when there is no file");
  }
  std::sort(draft.mentions.begin(), draft.mentions.end());
  draft.mentions.erase(std::unique(draft.mentions.begin(), draft.mentions.end()),
                       draft.mentions.end());
}

}  // namespace

awaitable<SentMessage> Messages::send(auth::Identity caller, ChatId chat, MessageDraft draft) {
  check(draft);
  auto hash = hash_of(draft);
  AppendRequest request{caller.workspace_id, chat, caller.user_id, std::move(draft),
                        std::move(hash)};
  auto outcome = co_await repository_.append(std::move(request));
  using Kind = AppendOutcome::Kind;
  switch (outcome.kind) {
    case Kind::created: co_return SentMessage{std::move(*outcome.message), false};
    case Kind::replayed: co_return SentMessage{std::move(*outcome.message), true};
    case Kind::key_reused:
      throw Error{ErrorCode::idempotency_key_reused,
                  "idempotency_key: was used for another message in this chat.",
                  {{"idempotency_key", "was used for another message in this chat"}}};
    case Kind::not_a_member: throw no_such_chat();
    case Kind::unknown_reply_to: throw invalid_field("reply_to", "is no message of this chat");
    case Kind::mention_outside:
      throw invalid_field("mentions", "may name members of this chat only");
    case Kind::busy: break;
  }
  throw Error{ErrorCode::chat_busy, "This chat is busy; try again shortly."};
}

awaitable<Message> Messages::edit(auth::Identity caller, ChatId chat, MessageId message,
                                  std::string content) {
  auto edited = co_await repository_.edit(caller.workspace_id, caller.user_id, chat, message,
                                          std::move(content));
  require_done(edited.outcome);
  co_return std::move(*edited.message);
}

awaitable<> Messages::remove(auth::Identity caller, ChatId chat, MessageId message) {
  const auto outcome =
      co_await repository_.remove(caller.workspace_id, caller.user_id, chat, message);
  require_done(outcome);
}

awaitable<std::vector<Message>> Messages::list(auth::Identity caller, ChatId chat,
                                               MessagePage page) {
  auto messages = co_await repository_.list(caller.workspace_id, caller.user_id, chat, page);
  if (!messages) throw no_such_chat();
  co_return std::move(*messages);
}

}  // namespace fechatter::server
