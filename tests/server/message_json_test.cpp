#include "fechatter_server/message/message_json.hpp"

#include <gmock/gmock.h>

#include "fechatter_server/message/message_rows.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

MessageDraft full_draft() {
  MessageDraft draft;
  draft.content = "hello";
  draft.files = {"/files/1.png"};
  draft.mentions = {UserId{2}, UserId{3}};
  draft.reply_to = MessageId{7};
  draft.idempotency_key = "00000000-0000-4000-8000-000000000001";
  return draft;
}

TEST(MessageJson, HasTheFieldsOfADraftUnderTheNamesOfAMessage) {
  const auto draft = full_draft();
  Message message;
  message.content = draft.content;
  message.files = draft.files;
  message.mentions = draft.mentions;
  message.reply_to = draft.reply_to;
  message.idempotency_key = draft.idempotency_key;
  const auto stored = json_tree(message);
  const auto sent = to_json(draft);
  EXPECT_EQ(sent.size(), 5);
  for (const auto& [name, value] : sent.items()) EXPECT_EQ(stored.at(name), value) << name;
}

TEST(MessageJson, HasTheAttachmentsAsTheEventsHaveThem) {
  Message message;
  message.attachments = {{"/files/1/a.png", "a \"b\".png", "image/png", 7, 640, 480}};
  const auto expected = json::parse(R"([{
      "url": "/files/1/a.png", "name": "a \"b\".png", "mime_type": "image/png", "size": 7,
      "width": 640, "height": 480, "duration": null, "thumbnail_url": null, "blurhash": null,
      "status": "ready"}])");
  EXPECT_EQ(json_tree(message).at("attachments"), expected);
  EXPECT_EQ(json_tree(Message{}).at("attachments"), json::array());
}

TEST(MessageJson, HasTheReactionsOfTheLinesInTheDatabase) {
  Message message;
  message.reactions = to_reactions("👍 3 7,8,9\n❤️ 60 7");
  message.reactions.at(1).mine = true;
  const json expected{
      {{"emoji", "👍"}, {"count", 3}, {"me", false}, {"user_ids", {7, 8, 9}}},
      {{"emoji", "❤️"}, {"count", 60}, {"me", true}, {"user_ids", json::array({7})}}};
  EXPECT_EQ(json_tree(message).at("reactions"), expected);
  EXPECT_TRUE(to_reactions("").empty());
  EXPECT_THROW(to_reactions("👍 x 7"), std::runtime_error);
  EXPECT_THROW(to_reactions("👍 1 7,,8"), std::runtime_error);
}

TEST(MessageJson, OmitsTheAbsentFieldsOfADraft) {
  const json expected{{"content", ""}, {"files", json::array()}, {"mentions", json::array()}};
  EXPECT_EQ(to_json(MessageDraft{}), expected);
}

// Else a stored draft, or a scheduled message, loses a field.
TEST(MessageJson, AStoredDraftIsReadWithAllItsFields) {
  auto reply = full_draft();
  reply.also_to_chat = false;
  reply.confirm_everyone = true;
  reply.mention_ranges = {{{}, "all", 0, 4}, {UserId{7}, {}, 5, 6}};
  for (const auto& draft : {full_draft(), reply, MessageDraft{}}) {
    EXPECT_EQ(to_json(to_draft(to_json(draft).dump())), to_json(draft));
  }
  EXPECT_FALSE(to_draft(R"({"content":"x","files":[],"reply_to":null})").reply_to);
}

TEST(MessageJson, DiffersForDraftsThatDifferInAnyField) {
  const auto whole = to_json(full_draft());
  const auto differs = [&](auto change) {
    auto draft = full_draft();
    change(draft);
    return to_json(draft).dump() != whole.dump();
  };
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.content += ' '; }));
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.files.clear(); }));
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.mentions.pop_back(); }));
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.reply_to.reset(); }));
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.also_to_chat = false; }));
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.confirm_everyone = true; }));
  EXPECT_TRUE(differs([](MessageDraft& draft) { draft.mention_ranges = {{{}, "all", 0, 4}}; }));
}

}  // namespace
}  // namespace fechatter::server
