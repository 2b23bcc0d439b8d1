#include "fechatter_server/message/message_json.hpp"

#include <gmock/gmock.h>

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
  const auto stored = to_json(message);
  const auto sent = to_json(draft);
  EXPECT_EQ(sent.size(), 5);
  for (const auto& [name, value] : sent.items()) EXPECT_EQ(stored.at(name), value) << name;
}

TEST(MessageJson, OmitsTheAbsentFieldsOfADraft) {
  const json expected{{"content", ""}, {"files", json::array()}, {"mentions", json::array()}};
  EXPECT_EQ(to_json(MessageDraft{}), expected);
}

// Else a stored draft, or a scheduled message, loses a field.
TEST(MessageJson, AStoredDraftIsReadWithAllItsFields) {
  for (const auto& draft : {full_draft(), MessageDraft{}}) {
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
}

}  // namespace
}  // namespace fechatter::server
