#include "fechatter_core/postgres/message_versions.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Two messages of one sender in one chat.
class MessageVersions : public testing::Test {
 protected:
  MessageVersions() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, 2) i;"
        "SELECT create_chat(1, 1, 'group', 'chat', '', ARRAY[1, 2]::bigint[]);"
        "SELECT append_messages('[{\"ord\": 1, \"workspace_id\": 1, \"chat_id\": 1,"
        " \"sender_id\": 1, \"content\": \"one\", \"files\": [], \"mentions\": []},"
        " {\"ord\": 2, \"workspace_id\": 1, \"chat_id\": 1, \"sender_id\": 1,"
        " \"content\": \"two\", \"files\": [], \"mentions\": []}]', false)");
  }
  void edit(int message, const std::string& text) {
    database.query(fmt::format("SELECT edit_message(1, 1, 1, {}, '{}')", message, text));
  }
  void remove(int message) {
    database.query(fmt::format("SELECT delete_message(1, 1, 1, {})", message));
  }
  // "<type> <seq> v<version>" of each event about a message, as its envelope has them.
  std::vector<std::string> published() {
    postgres::Connection connection{database.url()};
    std::vector<std::string> events;
    for (const auto& row : connection.run_script(
             "SELECT envelope FROM outbox_rows WHERE type LIKE '%Message%' ORDER BY id")) {
      const auto envelope = nlohmann::json::parse(row[0].c_str());
      events.push_back(fmt::format("{} {} v{}", envelope.at("type").get<std::string>(),
                                   envelope.at("seq").get<int>(),
                                   envelope.at("version").get<int>()));
    }
    return events;
  }
  std::vector<std::string> present(std::vector<MessageKey> messages) {
    asio::io_context io;  // outlives the pool
    postgres::Database pool{{database.url(), {}, 1, 10}};
    const Executor executor{io.get_executor()};
    auto reading = asio::co_spawn(
        executor, postgres::read_message_versions(pool, std::move(messages)), asio::use_future);
    auto working = asio::make_work_guard(io);
    while (reading.wait_for(std::chrono::seconds{0}) != std::future_status::ready) io.run_one();
    std::vector<std::string> found;
    for (const auto& row : reading.get()) {
      found.push_back(fmt::format("{} v{}", row.message.seq, row.version));
    }
    std::ranges::sort(found);
    return found;
  }

  test::TestDatabase database;
};

TEST_F(MessageVersions, EachChangeOfAMessageIsAVersionThatItsEventNames) {
  edit(1, "once");
  edit(1, "twice");
  edit(2, "two, edited");
  remove(1);
  EXPECT_THAT(published(),
              ElementsAre("NewMessage 1 v1", "NewMessage 2 v1", "MessageUpdated 1 v2",
                          "MessageUpdated 1 v3", "MessageUpdated 2 v2", "MessageDeleted 1 v4"));
  EXPECT_THAT(present({{ChatId{1}, 1}, {ChatId{1}, 2}}), ElementsAre("1 v4", "2 v2"));
}

TEST_F(MessageVersions, WhatChangesNothingIsNoVersion) {
  edit(1, "one");
  remove(2);
  remove(2);
  EXPECT_THAT(present({{ChatId{1}, 1}, {ChatId{1}, 2}}), ElementsAre("1 v1", "2 v2"));
}

TEST_F(MessageVersions, AMessageThatDoesNotExistHasNone) {
  EXPECT_THAT(present({{ChatId{1}, 3}, {ChatId{2}, 1}}), IsEmpty());
}

TEST_F(MessageVersions, AnEventAboutAMessageMustNameAVersion) {
  EXPECT_ANY_THROW(
      database.query("INSERT INTO outbox (workspace_id, chat_id, type, seq, audience, data)"
                     " VALUES (1, 1, 'MessageUpdated', 1, '\"chat\"', '{}')"));
}

}  // namespace
}  // namespace fechatter::server
