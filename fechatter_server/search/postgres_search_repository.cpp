#include "fechatter_server/search/postgres_search_repository.hpp"

#include <algorithm>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_server/chat/chat_rows.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/search/literal_terms.hpp"
#include "fechatter_server/search/turn_statements.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement select_scope{"select_search_scope", R"(
SELECT c.id, c.type, CASE WHEN $3 THEN c.name ELSE '' END,
       CASE WHEN c.single_low = $2 THEN c.single_high ELSE c.single_low END
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
JOIN users u ON u.id = m.user_id AND u.status = 'active'
WHERE m.user_id = $2 AND m.workspace_id = $1
ORDER BY c.last_activity_at DESC, c.id DESC)"};

// A union, so that each part is found by its index.
const Statement select_people{"select_search_people", R"(
SELECT n.place - 1, p.id
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS n (key, id, place)
CROSS JOIN LATERAL (
  SELECT u.id FROM users u WHERE u.workspace_id = $1 AND u.id = nullif(n.id, '')::bigint
  UNION
  SELECT u.id FROM users u WHERE u.workspace_id = $1 AND u.name_keys @> ARRAY[n.key]
  UNION
  SELECT u.id FROM users u WHERE u.workspace_id = $1 AND u.email_keys @> ARRAY[n.key]
  LIMIT 1000) p)"};

const Statement select_visible{"select_search_visible", R"(
SELECT v.id, unix_micros(coalesce(v.edited_at, v.created_at))
FROM messages v
JOIN chat_members m ON m.chat_id = v.chat_id AND m.user_id = $2 AND m.workspace_id = $1
JOIN chats c ON c.id = v.chat_id AND c.deleted_at IS NULL
WHERE v.id = ANY ($3) AND v.workspace_id = $1 AND v.deleted_at IS NULL)"};

const Statement select_texts{"select_search_texts", R"(
SELECT v.id, v.content
FROM messages v
JOIN chat_members m ON m.chat_id = v.chat_id AND m.user_id = $2 AND m.workspace_id = $1
JOIN chats c ON c.id = v.chat_id AND c.deleted_at IS NULL
WHERE v.id = ANY ($3) AND v.workspace_id = $1 AND v.deleted_at IS NULL)"};

// Only what is left after the bytes is written as JSON, which costs far more than to add them up.
// LIMIT 1: a planner that does not know the tables yet might read all messages of the caller.
const Statement select_hits{"select_search_hits", R"(
SELECT v.*, p.type AS chat_type, CASE WHEN p.type = 'single' THEN o.fullname ELSE p.name END
       AS chat_name,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, $2) END AS my_reactions
FROM (
  SELECT w.id, w.place, t.type, t.name, t.other_id,
         coalesce(sum(t.bytes) OVER (
           ORDER BY w.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
  FROM unnest($3::bigint[]) WITH ORDINALITY AS w (id, place)
  CROSS JOIN LATERAL (
    SELECT c.type, c.name, stored_bytes(v.content, v.files) AS bytes,
           CASE WHEN c.single_low = $2 THEN c.single_high ELSE c.single_low END AS other_id
    FROM messages v
    JOIN chat_members m ON m.chat_id = v.chat_id AND m.user_id = $2 AND m.workspace_id = $1
    JOIN chats c ON c.id = v.chat_id AND c.deleted_at IS NULL
    WHERE v.id = w.id AND v.workspace_id = $1 AND v.deleted_at IS NULL LIMIT 1) t) p
JOIN message_rows v ON v.id = p.id
LEFT JOIN users o ON o.id = p.other_id
WHERE p.bytes_before <= $4
ORDER BY p.place)"};

// As many digits as an id has, or nothing.
std::string id_text(const std::string& name) {
  constexpr std::size_t digits_max = 18;
  const bool is_id = !name.empty() && name.size() <= digits_max &&
                     std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c); });
  return is_id ? name : std::string{};
}

SearchHit to_hit(const pqxx::row& row, const MessageColumns& columns, UserId viewer) {
  SearchHit hit;
  hit.message = to_message(row, columns, viewer);
  hit.chat_name = row["chat_name"].c_str();
  hit.chat_type = to_chat_type(row["chat_type"].c_str());
  return hit;
}

}  // namespace

awaitable<std::vector<SearchableChat>> PostgresSearchRepository::scope_of(Caller caller,
                                                                          bool with_names,
                                                                          SearchTurn turn) {
  const auto read = [&](Connection& connection) {
    std::vector<SearchableChat> scope;
    for (const auto& row :
         connection.run(select_scope, caller.workspace, caller.user, with_names)) {
      scope.push_back({to_id<ChatId>(row[0]), to_chat_type(row[1].c_str()),
                       search_key(row[2].c_str()), find_id<UserId>(row[3])});
    }
    return scope;
  };
  co_return co_await database_.run(
      [&](Connection& connection) { return run_in_turn(connection, turn, read); });
}

awaitable<std::vector<std::vector<UserId>>> PostgresSearchRepository::find_people(
    WorkspaceId workspace, std::vector<std::string> names, SearchTurn turn) {
  std::vector<std::string> keys;
  std::vector<std::string> ids;
  for (const auto& name : names) {
    keys.push_back(search_key(name));
    ids.push_back(id_text(name));
  }
  const auto read = [&](Connection& connection) {
    std::vector<std::vector<UserId>> people(names.size());
    for (const auto& row : connection.run(select_people, workspace, keys, ids)) {
      people[row[0].as<std::size_t>()].push_back(to_id<UserId>(row[1]));
    }
    return people;
  };
  co_return co_await database_.run(
      [&](Connection& connection) { return run_in_turn(connection, turn, read); });
}

awaitable<std::map<MessageId, Timestamp>> PostgresSearchRepository::visible(
    Caller caller, std::vector<MessageId> messages, SearchTurn turn) {
  const auto read = [&](Connection& connection) {
    std::map<MessageId, Timestamp> visible;
    for (const auto& row :
         connection.run(select_visible, caller.workspace, caller.user, messages)) {
      visible[to_id<MessageId>(row[0])] = to_time(row[1]);
    }
    return visible;
  };
  co_return co_await database_.run(
      [&](Connection& connection) { return run_in_turn(connection, turn, read); });
}

awaitable<std::map<MessageId, LiteralVerdict>> PostgresSearchRepository::compare_literally(
    Caller caller, std::vector<MessageId> messages, std::vector<SearchTerm> terms,
    SearchTurn turn) {
  const auto read = [&](Connection& connection) {
    const LiteralTerms literals{terms};
    std::map<MessageId, LiteralVerdict> verdicts;
    for (const auto& row : connection.run(select_texts, caller.workspace, caller.user, messages)) {
      turn.require();
      verdicts[to_id<MessageId>(row[0])] = literals.judge(row[1].c_str());
    }
    return verdicts;
  };
  co_return co_await database_.run(
      [&](Connection& connection) { return run_in_turn(connection, turn, read); });
}

awaitable<std::vector<SearchHit>> PostgresSearchRepository::read_hits(
    Caller caller, std::vector<MessageId> messages, std::size_t bytes_max, SearchTurn turn) {
  const auto read = [&](Connection& connection) {
    std::vector<SearchHit> hits;
    const auto rows =
        connection.run(select_hits, caller.workspace, caller.user, messages, bytes_max);
    if (rows.empty()) return hits;
    const MessageColumns columns{rows[0]};
    for (const auto& row : rows) hits.push_back(to_hit(row, columns, caller.user));
    return hits;
  };
  co_return co_await database_.run(
      [&](Connection& connection) { return run_in_turn(connection, turn, read); });
}

}  // namespace fechatter::server
