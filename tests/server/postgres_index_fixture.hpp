#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_server/search/postgres_index.hpp"
#include "fechatter_server/search/postgres_maintenance.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {

// The index in PostgreSQL, and a workspace with three people and two chats that alice is in: bob is
// in the first one only, carol in none.
class PostgresIndexes : public testing::Test {
 protected:
  static constexpr std::int64_t alice = 1;
  static constexpr std::int64_t bob = 2;

  PostgresIndexes() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('other');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, name, name || '@acme.example', 'x' FROM unnest(ARRAY['alice','bob','carol']) "
        "name;"
        "SELECT create_chat(1, 1, 'single', '', '', '{1,2}');"
        "SELECT create_chat(1, 1, 'private_channel', 'alone', '', '{1}')");
  }

  // Stores a message that is not in the index.
  MessageId store(const std::string& content, std::int64_t chat = 1) {
    return MessageId{database.number(fmt::format(
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
        " SELECT 1, {}, 1, coalesce(max(seq), 0) + 1, '{}' FROM messages WHERE chat_id = {}"
        " RETURNING id",
        chat, content, chat))};
  }

  static IndexedMessage message(std::int64_t id, const std::string& content, int version = 1) {
    IndexedMessage message;
    message.id = MessageId{id};
    message.workspace_id = WorkspaceId{1};
    message.chat_id = ChatId{1};
    message.sender_id = UserId{alice};
    message.content = content;
    message.created_at = from_unix_micros(1'000'000);
    message.version = from_unix_micros(version * 1'000'000);
    return message;
  }

  std::vector<std::int64_t> found(const std::string& word,
                                  SearchSort sort = SearchSort::relevance) {
    IndexQuery query;
    query.sort = sort;
    query.workspace_id = WorkspaceId{1};
    query.caller = UserId{alice};
    query.chats = {ChatId{1}, ChatId{2}};
    query.terms = {{SearchTerm::Kind::word, word, false}};
    std::vector<std::int64_t> ids;
    for (const auto& match : test::await(io, index.find(query))) ids.push_back(match.id.value);
    return ids;
  }

  test::TestDatabase database;
  asio::io_context io;
  postgres::Database searching{{database.url(), "", 1, 16}};
  PostgresIndex index{searching, database.url()};
  PostgresMaintenance maintenance{database.url()};
};

}  // namespace fechatter::server
