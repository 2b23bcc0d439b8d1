#include "fechatter_server/message/storage_quotas.hpp"

#include <gmock/gmock.h>

#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// Three workspaces of 150 users each, so that a slice of users ends within a workspace. A quota of
// 1 MiB for a user, and of 3 MiB for a workspace.
class CountedStorage : public testing::Test {
 protected:
  CountedStorage() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('one'), ('two'), ('three');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1 + (i - 1) / 150, 'user ' || i, i || '@acme.example', 'x'"
        " FROM generate_series(1, 450) i;"
        "INSERT INTO chats (workspace_id, type, name, created_by)"
        " SELECT w, 'private_channel', 'chat', 150 * w FROM generate_series(1, 3) w;"
        "INSERT INTO chat_members (chat_id, user_id, workspace_id)"
        " SELECT workspace_id, id, workspace_id FROM users");
  }
  void have_stored(std::int64_t bytes, const std::string& users) {
    database.query("UPDATE chat_members SET stored_bytes = " + std::to_string(bytes) +
                   " WHERE user_id IN (" + users + ")");
  }
  std::optional<UsedUp> used_up_for(std::int64_t workspace, std::int64_t user) {
    return quotas.find_used_up({WorkspaceId{workspace}, UserId{user}});
  }
  awaitable<bool> count() {
    co_await quotas.count();
    co_return true;
  }
  void are_counted() { EXPECT_TRUE(test::await(io, count())); }

  test::TestDatabase database;
  asio::io_context io;
  postgres::Database pool{{database.url(), {}, 1, 100}};
  StorageQuotas quotas{{1, 3, std::chrono::seconds{1}}, pool};
};

TEST_F(CountedStorage, HasTheUsersOfAllSlices) {
  have_stored(1 << 20, "1, 200, 450");
  are_counted();
  for (const auto user : {1, 200, 450}) {
    EXPECT_EQ(used_up_for(1 + (user - 1) / 150, user), UsedUp::user) << user;
  }
  EXPECT_EQ(used_up_for(1, 2), std::nullopt);
  EXPECT_EQ(used_up_for(3, 449), std::nullopt);
}

TEST_F(CountedStorage, OfAWorkspaceIsThatOfItsUsersInAllSlices) {
  have_stored(1 << 19, "160, 190, 210, 250, 280, 290, 20, 30, 310, 320");
  are_counted();
  EXPECT_EQ(used_up_for(2, 151), UsedUp::workspace);
  EXPECT_EQ(used_up_for(1, 20), std::nullopt);
  EXPECT_EQ(used_up_for(3, 310), std::nullopt);
  have_stored(0, "290");
  are_counted();
  EXPECT_EQ(used_up_for(2, 151), std::nullopt);
}

}  // namespace
}  // namespace fechatter::server
