#include "fechatter_server/chat/chat_repository.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_server/rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement create_statement{
    "create_chat",
    "SELECT outcome, made, array_to_json(offenders)::text AS offenders "
    "FROM create_chat($1, $2, $3, $4, $5, $6)"};

const Statement select_chat{
    "select_chat",
    "SELECT c.* FROM chat_members m JOIN chat_rows c ON c.chat_id = m.chat_id "
    "WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1"};

const Statement select_summaries{"select_chat_summaries", R"(
SELECT c.*, m.last_read_seq, u.id AS other_id, u.fullname AS other_fullname,
       u.email AS other_email, u.status AS other_status, u.role AS other_role,
       u.avatar_url AS other_avatar_url, unix_micros(u.created_at) AS other_created_at, l.*
FROM chat_members m JOIN chat_rows c ON c.chat_id = m.chat_id
LEFT JOIN message_rows l ON l.chat_id = c.chat_id AND l.seq = c.chat_last_seq
LEFT JOIN users u ON u.id =
  CASE WHEN c.chat_single_low = m.user_id THEN c.chat_single_high ELSE c.chat_single_low END
WHERE m.user_id = $2 AND m.workspace_id = $1
ORDER BY c.chat_last_activity_at DESC, c.chat_id DESC LIMIT 1000)"};

// The caller's own membership is the first row source: without it there is no row at all.
const Statement select_members{"select_chat_members", R"(
SELECT m.chat_id, u.id AS user_id, u.fullname, u.email, u.status, o.role,
       unix_micros(o.joined_at) AS joined_at
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT x.* FROM chat_members x WHERE x.chat_id = m.chat_id AND x.user_id > $4
  ORDER BY x.user_id LIMIT $5) o ON true
LEFT JOIN users u ON u.id = o.user_id
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY o.user_id)"};

std::vector<UserId> to_user_ids(const pqxx::field& json_array) {
  std::vector<UserId> ids;
  if (json_array.is_null()) return ids;
  for (const auto& id : nlohmann::json::parse(json_array.c_str())) {
    ids.push_back(UserId{id.get<std::int64_t>()});
  }
  return ids;
}

Chat to_chat(const pqxx::row& row) {
  Chat chat;
  chat.id = to_id<ChatId>(row["chat_id"]);
  chat.workspace_id = to_id<WorkspaceId>(row["chat_workspace_id"]);
  chat.name = row["chat_name"].as<std::string>();
  chat.type = to_chat_type(row["chat_type"].c_str());
  chat.description = row["chat_description"].as<std::string>();
  chat.created_by = to_id<UserId>(row["chat_created_by"]);
  chat.owner_id = find_id<UserId>(row["chat_owner_id"]);
  chat.member_count = row["chat_member_count"].as<std::int64_t>();
  chat.members = to_user_ids(row["chat_members"]);
  chat.last_seq = row["chat_last_seq"].as<std::int64_t>();
  chat.created_at = to_time(row["chat_created_at"]);
  chat.updated_at = to_time(row["chat_updated_at"]);
  return chat;
}

ChatSummary to_summary(const pqxx::row& row) {
  ChatSummary summary;
  summary.chat = to_chat(row);
  summary.unread_count = summary.chat.last_seq - row["last_read_seq"].as<std::int64_t>();
  if (!row["seq"].is_null()) summary.last_message = to_message(row);
  if (summary.chat.type == ChatType::single && !row["other_id"].is_null()) {
    User other;
    other.id = to_id<UserId>(row["other_id"]);
    other.workspace_id = summary.chat.workspace_id;
    other.fullname = row["other_fullname"].as<std::string>();
    other.email = row["other_email"].as<std::string>();
    other.status = to_user_status(row["other_status"].c_str());
    other.role = to_workspace_role(row["other_role"].c_str());
    other.avatar_url = find_text(row["other_avatar_url"]);
    other.created_at = to_time(row["other_created_at"]);
    summary.counterpart = std::move(other);
  }
  return summary;
}

ChatMember to_member(const pqxx::row& row) {
  return {to_id<ChatId>(row["chat_id"]),
          to_id<UserId>(row["user_id"]),
          row["fullname"].as<std::string>(),
          row["email"].as<std::string>(),
          to_user_status(row["status"].c_str()),
          to_chat_role(row["role"].c_str()),
          to_time(row["joined_at"])};
}

CreatedChat create_on(Connection& connection, WorkspaceId workspace, UserId creator,
                      const ChatDraft& draft) {
  try {
    const auto rows = connection.run(create_statement, workspace, creator, sql_name(draft.type),
                                     draft.name, draft.description, draft.members);
    const std::string_view outcome{rows[0]["outcome"].c_str()};
    if (outcome == "unknown_members") return {{}, false, to_user_ids(rows[0]["offenders"])};
    return {to_id<ChatId>(rows[0]["made"]), outcome == "exists", {}};
  } catch (const pqxx::unique_violation&) {
    throw Error{ErrorCode::chat_name_taken,
                "name: a channel of this name exists already in the workspace."};
  }
}

}  // namespace

awaitable<CreatedChat> PostgresChatRepository::create(WorkspaceId workspace, UserId creator,
                                                      ChatDraft draft) {
  co_return co_await database_.run(
      [&](Connection& connection) { return create_on(connection, workspace, creator, draft); });
}

awaitable<std::optional<Chat>> PostgresChatRepository::find(WorkspaceId workspace, UserId member,
                                                            ChatId chat) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<Chat> {
    const auto rows = connection.run(select_chat, workspace, member, chat);
    if (rows.empty()) return std::nullopt;
    return to_chat(rows[0]);
  });
}

awaitable<std::vector<ChatSummary>> PostgresChatRepository::list_of(WorkspaceId workspace,
                                                                    UserId member) {
  co_return co_await database_.run([&](Connection& connection) {
    std::vector<ChatSummary> summaries;
    for (const auto& row : connection.run(select_summaries, workspace, member)) {
      summaries.push_back(to_summary(row));
    }
    return summaries;
  });
}

awaitable<std::optional<std::vector<ChatMember>>> PostgresChatMemberRepository::list(
    WorkspaceId workspace, UserId member, ChatId chat, UserId after, std::int64_t limit) {
  using Members = std::optional<std::vector<ChatMember>>;
  co_return co_await database_.run([&](Connection& connection) -> Members {
    const auto rows = connection.run(select_members, workspace, member, chat, after, limit);
    if (rows.empty()) return std::nullopt;
    std::vector<ChatMember> members;
    for (const auto& row : rows) {
      if (!row["user_id"].is_null()) members.push_back(to_member(row));
    }
    return members;
  });
}

}  // namespace fechatter::server
