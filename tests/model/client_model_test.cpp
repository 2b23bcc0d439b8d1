#include "tests/model/client_model.hpp"

#include <gtest/gtest.h>

#include "tests/model/visible_state.hpp"

// The rules of docs/events.md, "Versions and positions", one by one.
namespace fechatter::model {
namespace {

constexpr std::int64_t me = 7;
constexpr std::int64_t other = 8;
constexpr std::int64_t chat = 12;

json entry(std::int64_t version, std::int64_t last_seq, std::int64_t last_read_seq,
           std::int64_t read_version) {
  return {{"id", chat},
          {"workspace_id", 1},
          {"name", "plans"},
          {"chat_type", "Group"},
          {"description", ""},
          {"created_by", me},
          {"owner_id", me},
          {"member_count", 2},
          {"chat_members", {me, other}},
          {"last_seq", last_seq},
          {"created_at", "a"},
          {"updated_at", "a"},
          {"topic", ""},
          {"archived_at", nullptr},
          {"who_may_write", "all"},
          {"who_may_pin", "all"},
          {"everyone_mentions", true},
          {"version", version},
          {"last_read_seq", last_read_seq},
          {"read_version", read_version},
          {"muted_until", nullptr}};
}

json message(std::int64_t version, std::int64_t seq, std::int64_t sender,
             const std::string& content) {
  return {{"id", 100 + seq},
          {"chat_id", chat},
          {"sender_id", sender},
          {"seq", seq},
          {"content", content},
          {"files", json::array()},
          {"attachments", json::array()},
          {"mentions", json::array()},
          {"reply_to", nullptr},
          {"idempotency_key", nullptr},
          {"created_at", "a"},
          {"edited_at", nullptr},
          {"deleted_at", nullptr},
          {"reactions", json::array()},
          {"pinned", false},
          {"thread_root_id", nullptr},
          {"also_to_chat", true},
          {"mention_ranges", json::array()},
          {"thread", nullptr},
          {"version", version}};
}

json people(std::int64_t user) {
  return json{{"users", json::array({json{{"user_id", user}, {"fullname", "user"}}})}};
}

// A client that has read the chat with version 10 and 4 messages, none of which it knows.
class AClient : public testing::Test {
 protected:
  AClient() {
    for (const auto user : {me, other}) {
      model.show_user({{"id", user}, {"fullname", "user"}, {"avatar_url", nullptr}});
    }
    model.show_chat(entry(10, 4, 4, 10));
  }
  // An event of that chat.
  std::optional<std::int64_t> gets(const std::string& name, std::int64_t id, json data) {
    data["event"] = name;
    data["event_id"] = id;
    data["chat_id"] = chat;
    return model.apply(name, data);
  }
  void gets_message(const std::string& name, const json& shown) {
    gets(name, shown.at("version"), shown);
  }
  void gets_read(std::int64_t id, std::int64_t seq, std::int64_t last_seq) {
    gets("MessageRead", id, {{"user_id", me}, {"seq", seq}, {"last_seq", last_seq}});
  }
  json seen() const { return model.visible().at("chats").at(std::to_string(chat)); }
  json seen(std::int64_t seq) const { return seen().at("messages").at(std::to_string(100 + seq)); }

  ClientModel model{me};
};

TEST_F(AClient, IgnoresAnEventThatItsObjectHasAlready) {
  model.show_message(message(20, 3, other, "as REST says"));
  gets_message("MessageUpdated", message(19, 3, other, "older"));
  gets("MessagePinned", 20, {{"message_id", 103}, {"user_id", other}});
  EXPECT_EQ(seen(3).at("content"), "as REST says");
  EXPECT_EQ(seen(3).at("pinned"), false);
  gets("MessagePinned", 21, {{"message_id", 103}, {"user_id", other}});
  EXPECT_EQ(seen(3).at("pinned"), true);
}

TEST_F(AClient, DoesNotCountAMemberTwiceThatNewChatShows) {
  auto chat_with_three = entry(31, 4, 4, 10);
  chat_with_three["chat_members"] = {me, other, 9};
  chat_with_three["member_count"] = 3;
  gets("NewChat", 30, chat_with_three);
  gets("UserJoinedChat", 31, people(9));
  EXPECT_EQ(seen().at("member_count"), 3);
  gets("UserLeftChat", 32, people(9));
  EXPECT_EQ(seen().at("member_count"), 2);
}

TEST_F(AClient, FetchesAChatThatItDoesNotKnowAndForgetsOneThatItHasLeft) {
  gets("UserLeftChat", 11, people(me));
  EXPECT_TRUE(model.visible().at("chats").empty());
  EXPECT_EQ(gets("NewMessage", 12, message(12, 5, other, "x")), chat);
}

// Its lists were read when the user had left, and the events from before that come now.
TEST_F(AClient, KeepsNoDraftOfAChatThatItDoesNotKnowAndHasLeft) {
  gets("UserLeftChat", 11, people(me));
  gets("DraftUpdated", 12, {{"deleted", false}});
  EXPECT_FALSE(model.visible().at("drafts").empty());
  gets("UserLeftChat", 13, people(other));
  EXPECT_FALSE(model.visible().at("drafts").empty());
  gets("UserLeftChat", 14, people(me));
  EXPECT_TRUE(model.visible().at("drafts").empty());
  gets("DraftUpdated", 15, {{"deleted", false}});
  gets("ChatDeleted", 16, json::object());
  EXPECT_TRUE(model.visible().at("drafts").empty());
}

TEST_F(AClient, CountsAMessageThatAnEditShowsFirst) {
  gets_message("MessageUpdated", message(25, 6, other, "edited"));
  EXPECT_EQ(seen().at("last_seq"), 6);
  EXPECT_EQ(seen().at("unread_count"), 1);
}

TEST_F(AClient, DropsADeletedMessageAndEventsBeforeTheDeletion) {
  gets_message("NewMessage", message(21, 5, other, "x"));
  gets("MessageDeleted", 23,
       {{"id", 105},
        {"sender_id", other},
        {"seq", 5},
        {"deleted_at", "b"},
        {"version", 23},
        {"also_to_chat", true},
        {"thread_root_id", nullptr},
        {"idempotency_key", nullptr}});
  gets("ReactionAdded", 22, {{"message_id", 105}, {"user_id", me}, {"emoji", "x"}});
  EXPECT_TRUE(seen().at("messages").empty());
  EXPECT_EQ(seen().at("unread_count"), 0);
  EXPECT_EQ(seen().at("last_seq"), 5);
}

TEST_F(AClient, KnowsItsOwnReactions) {
  model.show_message(message(20, 3, other, "x"));
  gets("ReactionAdded", 21, {{"message_id", 103}, {"user_id", other}, {"emoji", "x"}});
  gets("ReactionAdded", 22, {{"message_id", 103}, {"user_id", me}, {"emoji", "x"}});
  EXPECT_EQ(seen(3).at("reactions"),
            json::array({{{"emoji", "x"}, {"count", 2}, {"user_ids", {other, me}}, {"me", true}}}));
  gets("ReactionRemoved", 23, {{"message_id", 103}, {"user_id", me}, {"emoji", "x"}});
  gets("ReactionRemoved", 24, {{"message_id", 103}, {"user_id", other}, {"emoji", "x"}});
  EXPECT_EQ(seen(3).at("reactions"), json::array());
}

TEST_F(AClient, MovesItsNumberByItsOwnMessagesAndByReads) {
  gets_message("NewMessage", message(20, 5, other, "x"));
  EXPECT_EQ(seen().at("last_read_seq"), 4);
  gets_message("NewMessage", message(21, 6, me, "x"));
  EXPECT_EQ(seen().at("last_read_seq"), 6);
  gets_read(22, 2, 6);  // marked as unread
  EXPECT_EQ(seen().at("last_read_seq"), 2);
  EXPECT_EQ(seen().at("unread_count"), 1);
}

TEST_F(AClient, DoesNotTakeAnOwnMessageBackByAReadBeforeIt) {
  gets_message("NewMessage", message(20, 5, me, "x"));
  gets_read(21, 3, 4);
  EXPECT_EQ(seen().at("last_read_seq"), 5);
  model.show_chat(entry(30, 9, 9, 30));
  gets_read(29, 6, 8);
  EXPECT_EQ(seen().at("last_read_seq"), 9);
}

TEST_F(AClient, DoesNotMoveItsNumberByAnOwnMessageBeforeTheRead) {
  gets_read(25, 2, 5);  // marked as unread after the own message 5, which has no event of its own
  gets_message("MessageUpdated", message(30, 5, me, "edited"));
  EXPECT_EQ(seen().at("last_read_seq"), 2);
}

TEST(Difference, NamesThePlacesWhereTwoStatesDiffer) {
  const json rest{{"chats", {{"1", {{"name", "a"}}}}}};
  const json events{{"chats", {{"1", {{"name", "b"}}}, {"2", json::object()}}}};
  EXPECT_EQ(difference(events, rest),
            "/chats/1/name: \"b\" by events, \"a\" by REST\n"
            "/chats/2: {} by events, nothing by REST\n");
  EXPECT_EQ(difference(rest, rest), "");
}

}  // namespace
}  // namespace fechatter::model
