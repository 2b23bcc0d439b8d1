#include "fechatter_server/message/messages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_mentions.hpp"
#include "fechatter_server/message/message_refusals.hpp"

namespace fechatter::server {
namespace {

Error too_large(const char* field) {
  const auto detail =
      fmt::format("content, files and mentions may have {} bytes as JSON", message_bytes_max);
  return Error{
      ErrorCode::message_too_large, fmt::format("{}: {}.", field, detail), {{field, detail}}};
}

Error mention_outside(const char* field) {
  return invalid_field(field, "may name members of this chat only");
}

Error everyone_forbidden() {
  return Error{ErrorCode::forbidden, "This chat allows no @all and @here."};
}

Error everyone_unconfirmed() {
  return invalid_field("confirm_everyone", "must be true for @all and @here in so large a chat");
}

void require_done(MessageOutcome outcome) {
  switch (outcome) {
    case MessageOutcome::done: return;
    case MessageOutcome::not_found: throw no_such_chat();
    case MessageOutcome::no_such_message: throw no_such_message();
    case MessageOutcome::forbidden:
      throw Error{ErrorCode::forbidden, "This message is somebody else's."};
    case MessageOutcome::deleted: throw deleted_message();
    case MessageOutcome::archived: throw chat_archived();
    case MessageOutcome::read_only: throw chat_read_only();
    case MessageOutcome::too_large: throw too_large("content");
    case MessageOutcome::mention_outside: throw mention_outside("mentions");
    case MessageOutcome::range_outside: throw mention_outside("mention_ranges");
    case MessageOutcome::everyone_forbidden: throw everyone_forbidden();
    case MessageOutcome::everyone_unconfirmed: throw everyone_unconfirmed();
    case MessageOutcome::empty: throw invalid_field("content", "is required when there is no file");
  }
}

void make_set(std::vector<UserId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

const char* field_of(MessagePage::Range range) {
  if (range == MessagePage::Range::after) return "after";
  return range == MessagePage::Range::around ? "around" : "before";
}

}  // namespace

// Without files the limits of the other fields suffice; and so they do with uploads and what the
// message shows of these, since their URLs are short. Other URLs are refused when it is stored.
void require_size(const MessageDraft& draft, std::size_t places) {
  constexpr std::size_t id_size = 20;            // as JSON
  constexpr std::size_t file_size = 1000 + 110;  // attachment_json, and the URL
  static_assert(content_length_max * 4 + mentions_max * id_size + files_max * file_size + 16 <=
                message_bytes_max);
  if (draft.files.empty()) return;
  auto size = size_of(draft);
  size.mentions += std::min(places, mentions_max) * id_size;
  if (size.total() <= message_bytes_max) return;
  if (size.files >= size.content && size.files >= size.mentions) throw too_large("files");
  throw too_large(size.content >= size.mentions ? "content" : "mentions");
}

void check(MessageDraft& draft) {
  if (draft.content.empty() && draft.files.empty()) {
    throw invalid_field("content", "is required when there is no file");
  }
  if (!draft.also_to_chat && !draft.reply_to) {
    throw invalid_field("also_to_chat", "may be false for a reply only");
  }
  make_set(draft.mentions);
}

awaitable<SentMessage> Messages::send(Caller caller, ChatId chat, MessageDraft draft,
                                      TraceContext trace) {
  check(draft);
  AppendRequest request{caller, chat, std::move(draft), {}, quotas_.find_used_up(caller)};
  if (request.draft.idempotency_key) {
    request.request_hash = auth::to_bytea(auth::sha256(to_json(request.draft).dump()));
  }
  request.places = mention_places(request.draft.content, request.draft.mention_ranges);
  require_size(request.draft, request.places.size());
  request.trace = trace;
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
    case Kind::unknown_file:
      throw invalid_field("files", "may name files only that you have uploaded to this workspace");
    case Kind::mention_outside: throw mention_outside("mentions");
    case Kind::range_outside: throw mention_outside("mention_ranges");
    case Kind::everyone_forbidden: throw everyone_forbidden();
    case Kind::everyone_unconfirmed: throw everyone_unconfirmed();
    case Kind::archived: throw chat_archived();
    case Kind::read_only: throw chat_read_only();
    case Kind::quota_user: throw quota_exceeded(UsedUp::user);
    case Kind::quota_workspace: throw quota_exceeded(UsedUp::workspace);
    case Kind::busy: break;
  }
  throw chat_busy();
}

awaitable<Message> Messages::edit(Caller caller, ChatId chat, MessageId message, MessageEdit edit) {
  if (const auto used_up = quotas_.find_used_up(caller)) throw quota_exceeded(*used_up);
  if (edit.mentions) make_set(*edit.mentions);
  auto places = mention_places(edit.content, edit.mention_ranges);
  auto edited =
      co_await repository_.edit(caller, chat, message, std::move(edit), std::move(places));
  require_done(edited.outcome);
  co_return std::move(*edited.message);
}

awaitable<> Messages::remove(Caller caller, ChatId chat, MessageId message) {
  const auto outcome = co_await repository_.remove(caller, chat, message);
  require_done(outcome);
}

awaitable<EditList> Messages::history(Caller caller, ChatId chat, MessageId message, KeyPage page) {
  if (!repository_.keeps_history()) {
    throw Error{ErrorCode::forbidden, "This server keeps no former texts of messages."};
  }
  auto listed = co_await repository_.history(caller, chat, message, page);
  require_done(listed.outcome);
  co_return std::move(listed.list);
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
