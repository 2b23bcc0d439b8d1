#include "fechatter_server/search/postgres_search_repository.hpp"

#include "fechatter_server/chat/chat_rows.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement select_scope{"select_search_scope", R"(
SELECT c.id, c.type
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
JOIN users u ON u.id = m.user_id AND u.status = 'active'
WHERE m.user_id = $2 AND m.workspace_id = $1
ORDER BY c.last_activity_at DESC, c.id DESC)"};

const Statement select_senders{"select_search_senders", R"(
SELECT u.id FROM users u
WHERE u.workspace_id = $1
  AND (u.id::text = $2 OR lower(u.email) = lower($2)
       OR split_part(lower(u.email), '@', 1) = lower($2) OR fold_name(u.fullname) = fold_name($2)
       OR fold_name($2) = ANY (string_to_array(fold_name(u.fullname), ' ')))
ORDER BY u.id LIMIT 1000)"};

const Statement select_chats{"select_search_chats", R"(
SELECT c.id
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
WHERE m.user_id = $2 AND m.workspace_id = $1
  AND (c.id::text = $3 OR (c.name <> '' AND fold_name(c.name) = fold_name($3)))
ORDER BY c.id)"};

const Statement select_singles{"select_search_singles", R"(
SELECT c.id
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
WHERE m.user_id = $2 AND m.workspace_id = $1 AND c.type = 'single'
  AND CASE WHEN c.single_low = $2 THEN c.single_high ELSE c.single_low END = ANY ($3)
ORDER BY c.id)"};

const Statement select_visible{"select_search_visible", R"(
SELECT v.id, unix_micros(coalesce(v.edited_at, v.created_at))
FROM messages v
JOIN chat_members m ON m.chat_id = v.chat_id AND m.user_id = $2 AND m.workspace_id = $1
JOIN chats c ON c.id = v.chat_id AND c.deleted_at IS NULL
WHERE v.id = ANY ($3) AND v.workspace_id = $1 AND v.deleted_at IS NULL)"};

const Statement select_hits{"select_search_hits", R"(
SELECT v.*, c.type AS chat_type, CASE WHEN c.type = 'single' THEN o.fullname ELSE c.name END
       AS chat_name
FROM message_rows v
JOIN chat_members m ON m.chat_id = v.chat_id AND m.user_id = $2 AND m.workspace_id = $1
JOIN chats c ON c.id = v.chat_id AND c.deleted_at IS NULL
LEFT JOIN users o ON o.id = CASE WHEN c.single_low = $2 THEN c.single_high ELSE c.single_low END
WHERE v.id = ANY ($3) AND v.workspace_id = $1 AND v.deleted_at IS NULL)"};

std::vector<UserId> senders_on(Connection& connection, WorkspaceId workspace,
                               const std::string& name) {
  std::vector<UserId> senders;
  for (const auto& row : connection.run(select_senders, workspace, name)) {
    senders.push_back(to_id<UserId>(row[0]));
  }
  return senders;
}

std::vector<ChatId> to_chats(const pqxx::result& rows) {
  std::vector<ChatId> chats;
  for (const auto& row : rows) chats.push_back(to_id<ChatId>(row[0]));
  return chats;
}

std::vector<ChatId> chats_on(Connection& connection, Caller caller, const std::string& name) {
  if (!name.starts_with('@')) {
    return to_chats(connection.run(select_chats, caller.workspace, caller.user, name));
  }
  const auto people = senders_on(connection, caller.workspace, name.substr(1));
  return to_chats(connection.run(select_singles, caller.workspace, caller.user, people));
}

SearchHit to_hit(const pqxx::row& row) {
  SearchHit hit;
  hit.message = to_message(row);
  hit.chat_name = row["chat_name"].c_str();
  hit.chat_type = to_chat_type(row["chat_type"].c_str());
  return hit;
}

}  // namespace

awaitable<std::vector<SearchableChat>> PostgresSearchRepository::scope_of(Caller caller) {
  co_return co_await database_.run([&](Connection& connection) {
    std::vector<SearchableChat> scope;
    for (const auto& row : connection.run(select_scope, caller.workspace, caller.user)) {
      scope.push_back({to_id<ChatId>(row[0]), to_chat_type(row[1].c_str())});
    }
    return scope;
  });
}

awaitable<std::vector<UserId>> PostgresSearchRepository::find_senders(WorkspaceId workspace,
                                                                      std::string name) {
  co_return co_await database_.run(
      [&](Connection& connection) { return senders_on(connection, workspace, name); });
}

awaitable<std::vector<ChatId>> PostgresSearchRepository::find_chats(Caller caller,
                                                                    std::string name) {
  co_return co_await database_.run(
      [&](Connection& connection) { return chats_on(connection, caller, name); });
}

awaitable<std::map<MessageId, Timestamp>> PostgresSearchRepository::visible(
    Caller caller, std::vector<MessageId> messages) {
  co_return co_await database_.run([&](Connection& connection) {
    std::map<MessageId, Timestamp> visible;
    for (const auto& row :
         connection.run(select_visible, caller.workspace, caller.user, messages)) {
      visible[to_id<MessageId>(row[0])] = to_time(row[1]);
    }
    return visible;
  });
}

awaitable<std::vector<SearchHit>> PostgresSearchRepository::read_hits(
    Caller caller, std::vector<MessageId> messages) {
  co_return co_await database_.run([&](Connection& connection) {
    std::vector<SearchHit> hits;
    for (const auto& row : connection.run(select_hits, caller.workspace, caller.user, messages)) {
      hits.push_back(to_hit(row));
    }
    return hits;
  });
}

}  // namespace fechatter::server
