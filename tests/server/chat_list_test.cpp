#include "fechatter_server/chat/chat_list.hpp"

#include <gmock/gmock.h>

#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/postgres_chat_repository.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

constexpr Caller reader{WorkspaceId{1}, UserId{1}};

// The reader, with 220 others, is in 230 groups and in a Single with each fifth of the others; each
// chat has a message, and some are hidden or muted.
class ListOfChats : public testing::Test {
 protected:
  ListOfChats() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('other');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, 221) i;"
        "SELECT create_chat(1, 1, 'group', 'group ' || i, '', ARRAY[1, 2 + i % 100, 110 + i % 100])"
        " FROM generate_series(1, 230) i;"
        "SELECT create_chat(1, 1, 'single', '', '', ARRAY[1, i]) FROM generate_series(5, 221, 5) i;"
        "SELECT append_messages(json_build_array(json_build_object('ord', 0, 'workspace_id', 1,"
        "   'chat_id', id, 'sender_id', created_by, 'content', repeat('text ', id::integer),"
        "   'files', json_build_array(), 'mentions', json_build_array())), true)"
        " FROM chats ORDER BY id * 7 % 101;"
        "UPDATE chat_members SET last_read_seq = 0 WHERE user_id = 1 AND chat_id % 3 = 0;"
        "UPDATE chat_members SET muted_until = '2999-01-01' WHERE user_id = 1 AND chat_id % 11 = 0;"
        "UPDATE chat_members SET hidden_through_seq = 1 WHERE user_id = 1 AND chat_id % 13 = 0");
  }
  std::vector<ChatSummary> read_in_parts(const ChosenChats& chosen, std::size_t size) {
    std::vector<ChatSummary> all;
    for (auto left = std::span{chosen.chats}; !left.empty();) {
      const auto part = left.first(std::min(left.size(), size));
      left = left.subspan(part.size());
      for (auto& summary : read_chosen(connection, reader, part)) all.push_back(summary);
    }
    return all;
  }
  static std::string text_of(const ChatSummary& summary) {
    JsonWriter out{1000};
    write_json(out, summary, reader.user);
    return out.take() + std::to_string(to_unix_micros(summary.active_at));
  }
  static std::vector<std::string> texts_of(const std::vector<ChatSummary>& summaries) {
    std::vector<std::string> texts;
    for (const auto& summary : summaries) texts.push_back(text_of(summary));
    return texts;
  }

  test::TestDatabase database;
  postgres::Connection connection{database.url()};
};

TEST_F(ListOfChats, IsInPartsWhatItIsAtOnce) {
  const auto whole = read_chats(connection, reader, {});
  ASSERT_GT(whole.summaries.size(), 240U);
  const auto chosen = choose_chats(connection, reader, {});
  EXPECT_EQ(texts_of(read_in_parts(chosen, 100)), texts_of(whole.summaries));
  EXPECT_EQ(texts_of(read_in_parts(chosen, 7)), texts_of(whole.summaries));
  EXPECT_EQ(chosen.position, whole.position);
}

TEST_F(ListOfChats, OfAPageEndsWhereThePageDoes) {
  const ChatPage first{std::nullopt, 150};
  const auto whole = read_chats(connection, reader, first);
  ASSERT_TRUE(whole.next);
  ChatListMaker parts{first.limit, first.limit, {}};
  const auto chosen = choose_chats(connection, reader, first);
  for (auto& summary : read_in_parts(chosen, 100)) parts.add(summary);
  const auto list = parts.take();
  EXPECT_EQ(texts_of(list.summaries), texts_of(whole.summaries));
  ASSERT_TRUE(list.next);
  EXPECT_EQ(list.next->chat, whole.next->chat);
  EXPECT_EQ(list.next->active_at, whole.next->active_at);
  const ChatPage second{list.next, 500};
  EXPECT_EQ(texts_of(read_in_parts(choose_chats(connection, reader, second), 100)),
            texts_of(read_chats(connection, reader, second).summaries));
}

TEST_F(ListOfChats, IsReadInPartsAtAPaceThatHasThem) {
  asio::io_context io;
  postgres::Database pool{{database.url(), {}, 1, 100}};
  EventfulDatabase changes{pool, RelayWaker{}};
  PostgresChatRepository repository{changes, {}};
  const auto statements_of_parts = [&] {
    return test::await(io, pool.run([](postgres::Connection& of_pool) {
             return of_pool.run_script(
                 "SELECT 1 FROM pg_prepared_statements WHERE name = 'select_chosen_chats'");
           }))
        .size();
  };
  Pace pace;
  const auto whole = test::await(io, repository.list(reader, {}, pace));
  EXPECT_EQ(statements_of_parts(), 0);
  pace.begin(1);
  const auto list = test::await(io, repository.list(reader, {}, pace));
  EXPECT_EQ(statements_of_parts(), 1);
  EXPECT_EQ(texts_of(list.summaries), texts_of(whole.summaries));
  EXPECT_EQ(list.position, whole.position);
  EXPECT_EQ(list.bytes, whole.bytes);
}

// What happens after the choice is in later events.
TEST_F(ListOfChats, ShowsNoChatThatWasLeftAfterTheChoiceAndKeepsItsOrder) {
  const auto chosen = choose_chats(connection, reader, {});
  const auto left = chosen.chats[3].chat;
  const auto deleted = chosen.chats[120].chat;
  const auto active = chosen.chats[130];
  database.query("DELETE FROM chat_members WHERE user_id = 1 AND chat_id = " +
                 std::to_string(left.value));
  database.query("UPDATE chats SET deleted_at = now(), erase_at = now() WHERE id = " +
                 std::to_string(deleted.value));
  database.query("UPDATE chats SET last_activity_at = now() WHERE id = " +
                 std::to_string(active.chat.value));
  const auto read = read_in_parts(chosen, 100);
  ASSERT_EQ(read.size(), chosen.chats.size() - 2);
  EXPECT_EQ(read[128].chat.id, active.chat);
  EXPECT_EQ(read[128].active_at, active.active_at);
  EXPECT_EQ(read[3].chat.id, chosen.chats[4].chat);
}

TEST_F(ListOfChats, IsReadByItsMembersAlone) {
  const auto chosen = choose_chats(connection, reader, {});
  for (const Caller other :
       {Caller{WorkspaceId{2}, UserId{1}}, Caller{WorkspaceId{1}, UserId{9}}}) {
    for (const auto& summary : read_chosen(connection, other, chosen.chats)) {
      EXPECT_EQ(database.number("SELECT count(*) FROM chat_members WHERE workspace_id = " +
                                std::to_string(other.workspace.value) +
                                " AND user_id = " + std::to_string(other.user.value) +
                                " AND chat_id = " + std::to_string(summary.chat.id.value)),
                1);
    }
  }
  EXPECT_TRUE(choose_chats(connection, {WorkspaceId{2}, UserId{1}}, {}).chats.empty());
}

}  // namespace
}  // namespace fechatter::server
