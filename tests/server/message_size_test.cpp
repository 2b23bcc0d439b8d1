#include <gtest/gtest.h>

#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/messages.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

class MessageSizes : public testing::Test {
 protected:
  MessageSizes() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, 3) i;"
        "SELECT create_chat(1, 1, 'group', 'chat', '', ARRAY[1, 2, 3]::bigint[])");
  }
  // A message of exactly so many bytes as JSON, with what is escaped and what is not.
  static MessageDraft draft_of(std::size_t bytes) {
    MessageDraft draft;
    draft.content = "\"\\/\t\r\n ü 語 \x7f";
    draft.mentions = {UserId{1}, UserId{2}};
    while (size_of(draft).total() + 2048 < bytes) draft.files.emplace_back(2040, '"');
    draft.files.emplace_back();
    while (size_of(draft).total() < bytes) draft.files.back() += 'x';
    EXPECT_EQ(size_of(draft).total(), bytes);
    return draft;
  }
  // As a message of before files were uploaded here.
  void insert(const MessageDraft& draft) {
    constexpr postgres::Statement statement{
        "insert_message",
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, files, mentions)"
        " VALUES (1, 1, 1, 1, $1, $2, $3)"};
    postgres::Connection connection{database.url()};
    connection.run(statement, draft.content, draft.files, draft.mentions);
  }

  test::TestDatabase database;
};

TEST_F(MessageSizes, TheTableTakesWhatTheServiceTakes) {
  EXPECT_NO_THROW(insert(draft_of(message_bytes_max)));
}

TEST_F(MessageSizes, TheTableRefusesAByteMore) {
  EXPECT_THROW(insert(draft_of(message_bytes_max + 1)), pqxx::check_violation);
}

}  // namespace
}  // namespace fechatter::server
