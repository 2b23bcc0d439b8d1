#include <gtest/gtest.h>

#include <limits>

#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/draft/draft_json.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/user/user_json.hpp"

// What a page is measured by before its JSON is made.
namespace fechatter::server {
namespace {

constexpr auto id_max = std::numeric_limits<std::int64_t>::max();

Message message_with(std::int64_t number, const std::string& text) {
  Message message;
  message.id = MessageId{number};
  message.chat_id = ChatId{number};
  message.sender = {UserId{number}, text, text};
  message.seq = number;
  message.content = text;
  message.files = {text, text};
  message.mentions = {UserId{number}, UserId{1}};
  message.reply_to = MessageId{number};
  message.idempotency_key = "0f8fad5b-d9cb-469f-a165-70867728950e";
  message.created_at = now();
  message.edited_at = now();
  message.deleted_at = now();
  message.reactions = {{"👍", number, {UserId{number}, UserId{1}}, true}, {"🎉", 1, {}, false}};
  message.thread_root = MessageId{number};
  message.also_to_chat = false;
  message.version = number;
  message.mention_ranges = {{UserId{number}, {}, number, number}, {{}, "here", 0, number}};
  message.attachments = {{text, text, text, number, number, number}, {text, text, text, 1, {}, {}}};
  message.thread = ThreadSummary{number, now(), {UserId{number}, UserId{1}}};
  return message;
}

User user_with(std::int64_t number, const std::string& text) {
  User user;
  user.id = UserId{number};
  user.workspace_id = WorkspaceId{number};
  user.fullname = text;
  user.email = text;
  user.status = UserStatus::suspended;
  user.avatar_url = text;
  user.title = text;
  user.bio = text;
  user.created_at = now();
  return user;
}

ChatSummary summary_with(std::int64_t number, const std::string& text) {
  ChatSummary summary;
  auto& chat = summary.chat;
  chat.id = ChatId{number};
  chat.workspace_id = WorkspaceId{number};
  chat.name = text;
  chat.type = ChatType::private_channel;
  chat.description = text;
  chat.created_by = UserId{number};
  chat.owner_id = UserId{number};
  chat.member_count = number;
  chat.members = {UserId{number}, UserId{number}};
  chat.last_seq = number;
  chat.created_at = now();
  chat.updated_at = now();
  chat.topic = text;
  chat.archived_at = now();
  chat.who_may_write = WhoMay::admins;
  chat.who_may_pin = WhoMay::admins;
  chat.everyone_mentions = false;
  chat.version = number;
  summary.unread_count = number;
  summary.mention_count = number;
  summary.last_read_seq = number;
  summary.read_version = number;
  summary.muted_until = now();
  summary.last_message = MessagePreview{message_with(number, text), false};
  summary.counterpart = user_with(number, text);
  return summary;
}

Draft draft_with(std::int64_t number, const std::string& text) {
  Draft draft;
  draft.chat_id = ChatId{number};
  draft.message.content = text;
  draft.message.files = {text, text};
  draft.message.reply_to = MessageId{number};
  draft.version = number;
  draft.updated_at = now();
  return draft;
}

ScheduledMessage scheduled_with(std::int64_t number, const std::string& text) {
  ScheduledMessage scheduled;
  scheduled.id = ScheduledMessageId{number};
  scheduled.chat_id = ChatId{number};
  scheduled.message = draft_with(number, text).message;
  scheduled.message.mentions = {UserId{number}, UserId{1}};
  scheduled.message.mention_ranges = {{UserId{number}, {}, number, number}, {{}, "all", 0, 1}};
  scheduled.message.idempotency_key = "0f8fad5b-d9cb-469f-a165-70867728950e";
  scheduled.send_at = now();
  scheduled.created_at = now();
  scheduled.failure = SendFailure{text, text};
  return scheduled;
}

void expect_close(std::size_t size, const std::string& text, std::size_t more_max) {
  const auto exact = text.size();
  EXPECT_GE(size, exact);
  EXPECT_LE(size, exact + more_max);
}

TEST(JsonSizes, AreThoseOfTheDumpOrALittleMore) {
  for (const auto number : {std::int64_t{1}, id_max}) {
    for (const std::string& text : {std::string{"a\n\"ü\\"}, std::string(5000, '"')}) {
      const auto message = message_with(number, text);
      expect_close(json_size(message), json_text(message), 200);
      const auto user = user_with(number, text);
      expect_close(json_size(user), json_text(user), 200);
      const auto draft = draft_with(number, text);
      expect_close(json_size(draft), to_json(draft).dump(), 200);
      const auto scheduled = scheduled_with(number, text);
      expect_close(json_size(scheduled), to_json(scheduled).dump(), 200);
      const auto summary = summary_with(number, text);
      expect_close(json_size(summary.chat), json_text(summary.chat), 400);
      JsonWriter written;
      write_json(written, summary, UserId{1});
      expect_close(json_size(summary), written.take(), 800);
    }
  }
  expect_close(json_size(Message{}), json_text(Message{}), 250);
  expect_close(json_size(Draft{}), to_json(Draft{}).dump(), 300);
  expect_close(json_size(ScheduledMessage{}), to_json(ScheduledMessage{}).dump(), 300);
}

}  // namespace
}  // namespace fechatter::server
