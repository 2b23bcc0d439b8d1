#include <gtest/gtest.h>

#include <future>

#include "fechatter_server/message/append_queue.hpp"
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
  AppendOutcome append(MessageDraft draft) {
    AppendRequest request{{WorkspaceId{1}, UserId{1}}, ChatId{1}, std::move(draft), {}};
    std::promise<AppendOutcome> promise;
    queue.push(std::move(request), [&promise](std::exception_ptr error, AppendOutcome outcome) {
      if (error) {
        promise.set_exception(error);
      } else {
        promise.set_value(std::move(outcome));
      }
    });
    return promise.get_future().get();
  }

  test::TestDatabase database;
  AppendQueue queue{{.database_url = database.url(), .options = {}}, RelayWaker{}};
};

TEST_F(MessageSizes, TheTableTakesWhatTheServiceTakes) {
  EXPECT_EQ(append(draft_of(message_bytes_max)).kind, AppendOutcome::Kind::created);
}

TEST_F(MessageSizes, TheTableRefusesAByteMore) {
  EXPECT_THROW(append(draft_of(message_bytes_max + 1)), pqxx::check_violation);
}

}  // namespace
}  // namespace fechatter::server
