#include "fechatter_server/message/messages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/message/message_json.hpp"

namespace fechatter::server {
namespace {

Error too_large(const char* field) {
  const auto detail =
      fmt::format("content, files and mentions may have {} bytes as JSON", message_bytes_max);
  return Error{
      ErrorCode::message_too_large, fmt::format("{}: {}.", field, detail), {{field, detail}}};
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
    case MessageOutcome::archived: throw chat_archived();
    case MessageOutcome::read_only: throw chat_read_only();
    case MessageOutcome::too_large: throw too_large("content");
    case MessageOutcome::empty: throw invalid_field("content", "is required when there is no file");
  }
}

Error quota_exceeded(UsedUp used_up) {
  if (used_up == UsedUp::user) {
    return Error{ErrorCode::quota_user, "Your messages take all the storage that a user has."};
  }
  return Error{ErrorCode::quota_workspace,
               "The messages of this workspace take all the storage that it has."};
}

const char* field_of(MessagePage::Range range) {
  if (range == MessagePage::Range::after) return "after";
  return range == MessagePage::Range::around ? "around" : "before";
}

}  // namespace

// Without files the limits of the other fields suffice.
void require_size(const MessageDraft& draft) {
  static_assert(content_length_max * 4 + mentions_max * 20 + 16 <= message_bytes_max);
  if (draft.files.empty()) return;
  const auto size = size_of(draft);
  if (size.total() <= message_bytes_max) return;
  if (size.files >= size.content && size.files >= size.mentions) throw too_large("files");
  throw too_large(size.content >= size.mentions ? "content" : "mentions");
}

void check(MessageDraft& draft) {
  if (draft.content.empty() && draft.files.empty()) {
    throw invalid_field("content", "is required when there is no file");
  }
  require_size(draft);
  auto& mentions = draft.mentions;
  std::sort(mentions.begin(), mentions.end());
  mentions.erase(std::unique(mentions.begin(), mentions.end()), mentions.end());
}

awaitable<SentMessage> Messages::send(Caller caller, ChatId chat, MessageDraft draft) {
  check(draft);
  AppendRequest request{caller, chat, std::move(draft), {}, quotas_.find_used_up(caller)};
  if (request.draft.idempotency_key) {
    request.request_hash = auth::to_bytea(auth::sha256(to_json(request.draft).dump()));
  }
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
    case Kind::archived: throw chat_archived();
    case Kind::read_only: throw chat_read_only();
    case Kind::quota_user: throw quota_exceeded(UsedUp::user);
    case Kind::quota_workspace: throw quota_exceeded(UsedUp::workspace);
    case Kind::busy: break;
  }
  throw chat_busy();
}

awaitable<Message> Messages::edit(Caller caller, ChatId chat, MessageId message,
                                  std::string content) {
  if (const auto used_up = quotas_.find_used_up(caller)) throw quota_exceeded(*used_up);
  auto edited = co_await repository_.edit(caller, chat, message, std::move(content));
  require_done(edited.outcome);
  co_return std::move(*edited.message);
}

awaitable<> Messages::remove(Caller caller, ChatId chat, MessageId message) {
  const auto outcome = co_await repository_.remove(caller, chat, message);
  require_done(outcome);
}

awaitable<Message> Messages::get(Caller caller, ChatId chat, MessageId message) {
  auto found = co_await repository_.find(caller, chat, message);
  require_done(found.outcome);
  co_return std::move(*found.message);
}

awaitable<MessageList> Messages::list(Caller caller, ChatId chat, MessagePage page) {
  auto listed = co_await repository_.list(caller, chat, page);
  using Outcome = ListedMessages::Outcome;
  if (listed.outcome == Outcome::not_found) throw no_such_chat();
  if (listed.outcome == Outcome::no_such_anchor) {
    throw invalid_field(field_of(page.range), "is no message of this chat");
  }
  co_return std::move(listed.list);
}

}  // namespace fechatter::server
