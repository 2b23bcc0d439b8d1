#include "bench/group_commit.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace fechatter::bench {
namespace {

using nlohmann::json;

// The data of the event has all fields of NewMessage, so that both sides write as many bytes.
constexpr const char* data_object = R"(json_build_object(
  'type', 'new_message', 'id', i.id, 'chat_id', i.chat_id, 'sender_id', i.sender_id,
  'sender', json_build_object('id', i.sender_id, 'fullname', 'Person 1', 'avatar_url', NULL),
  'seq', i.seq, 'content', i.content, 'files', i.files, 'mentions', i.mentions,
  'reply_to', i.reply_to, 'idempotency_key', i.idempotency_key, 'created_at', i.created_at,
  'edited_at', NULL, 'deleted_at', NULL, 'chat_type', 'Group', 'sender_name', 'Person 1'))";

const std::string& insert_sql() {
  static const std::string sql = fmt::format(R"(
WITH given AS (
  SELECT g.* FROM ROWS FROM (
    json_to_recordset($2::json) AS (chat_id bigint, sender_id bigint, content text)
  ) WITH ORDINALITY AS g (chat_id, sender_id, content, ord)
), counted AS (
  UPDATE chats c SET last_seq = c.last_seq + n.count, last_activity_at = clock_timestamp()
  FROM (SELECT chat_id, count(*) AS count FROM given GROUP BY chat_id) n WHERE c.id = n.chat_id
  RETURNING c.id, c.last_seq - n.count AS before
), i AS (
  INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, idempotency_key,
                        request_hash)
  SELECT $1, g.chat_id, g.sender_id,
         c.before + row_number() OVER (PARTITION BY g.chat_id ORDER BY g.ord), g.content,
         gen_random_uuid(), sha256(g.content::bytea)
  FROM given g JOIN counted c ON c.id = g.chat_id ORDER BY g.ord RETURNING *
), emitted AS (
  INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, epoch, stream_seq, data)
  SELECT i.workspace_id, i.chat_id, 'NewMessage', i.seq, i.version, '"chat"', $3, $3, {} FROM i
  ORDER BY i.id
  RETURNING id, chat_id, seq, data
)
SELECT i.id, t.seq, t.id, t.data::text FROM emitted t JOIN i USING (chat_id, seq) ORDER BY t.id)",
                                             data_object);
  return sql;
}

}  // namespace

GroupCommit::GroupCommit(const std::string& database_url, std::int64_t workspace, Events events)
    : connection_{database_url, "-c synchronous_commit=on"},
      workspace_{workspace},
      events_{events} {}

std::vector<StoredMessage> GroupCommit::store(const std::vector<BareMessage>& batch) {
  const postgres::Statement insert{"bench_group_commit", insert_sql().c_str()};
  json given = json::array();
  for (const auto& message : batch) {
    given.push_back(
        {{"chat_id", message.chat}, {"sender_id", message.sender}, {"content", message.content}});
  }
  std::optional<std::int64_t> published;
  if (events_ == Events::published) published = 0;
  std::vector<StoredMessage> stored;
  for (const auto& row : connection_.run(insert, workspace_, given.dump(), published)) {
    stored.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(),
                      row[2].as<std::int64_t>(), row[3].c_str()});
  }
  return stored;
}

std::string pgbench_script(std::int64_t workspace, const std::vector<std::int64_t>& chats,
                           std::int64_t sender) {
  return fmt::format(R"(\set n random(0, {count} - 1)
WITH counted AS (
  UPDATE chats SET last_seq = last_seq + 1, last_activity_at = clock_timestamp()
  WHERE id = {first_chat} + :n RETURNING id, last_seq
), i AS (
  INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, idempotency_key,
                        request_hash)
  SELECT {workspace}, id, {sender}, last_seq,
         'A message as long as most of them, I think. @0000000000000000000', gen_random_uuid(),
         sha256('x') FROM counted RETURNING *
), emitted AS (
  INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)
  SELECT i.workspace_id, i.chat_id, 'NewMessage', i.seq, i.version, '"chat"', {data} FROM i
)
SELECT id, seq FROM i;
)",
                     fmt::arg("count", chats.size()), fmt::arg("first_chat", chats.front()),
                     fmt::arg("workspace", workspace), fmt::arg("sender", sender),
                     fmt::arg("data", data_object));
}

}  // namespace fechatter::bench
