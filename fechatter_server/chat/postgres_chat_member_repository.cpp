#include "fechatter_server/chat/postgres_chat_member_repository.hpp"

#include "fechatter_server/chat/chat_rows.hpp"
#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/role_names.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

// The caller's own membership is the first row source: without it there is no row at all.
const Statement select_members{"select_chat_members", R"(
SELECT o.*
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT x.* FROM chat_member_rows x WHERE x.chat_id = m.chat_id AND x.user_id > $4
  ORDER BY x.user_id LIMIT $5) o ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY o.user_id)"};

const Statement add_statement{
    "add_chat_members",
    "SELECT outcome, array_to_json(offenders)::text AS offenders, (member).* "
    "FROM add_chat_members($1, $2, $3, $4, $5, $6, $7)"};

const Statement remove_statement{"remove_chat_members",
                                 "SELECT remove_chat_members($1, $2, $3, $4, $5)"};

const Statement set_role_statement{
    "set_chat_role", "SELECT outcome, (member).* FROM set_chat_role($1, $2, $3, $4, $5, $6)"};

const Statement join_statement{"join_chat",
                               "SELECT outcome, (chat).* FROM join_chat($1, $2, $3, $4, $5)"};

const Statement leave_statement{"leave_chat", "SELECT leave_chat($1, $2, $3, $4)"};

const Statement take_over_statement{"take_over_chats", R"(
WITH taken AS MATERIALIZED (
  SELECT * FROM take_over_chats($1, $2, $3, $4, $5)
), noted AS (
  INSERT INTO audit_log (workspace_id, actor, action, target, request_id)
    SELECT $1::bigint, 'user ' || $2::bigint, 'user.take_over_chats', 'user ' || $3::bigint, $6
    FROM taken WHERE outcome = 'done' LIMIT 1
)
SELECT outcome, (chat).* FROM taken)"};

constexpr int taken_at_once_max = 100;

std::vector<ChatMember> to_members(const pqxx::result& rows) {
  std::vector<ChatMember> members;
  for (const auto& row : rows) {
    if (!row["user_id"].is_null()) members.push_back(to_member(row));
  }
  return members;
}

}  // namespace

awaitable<std::optional<std::vector<ChatMember>>> PostgresChatMemberRepository::list(
    Caller caller, ChatId chat, UserId after, std::int64_t limit) {
  using Members = std::optional<std::vector<ChatMember>>;
  co_return co_await database_.read([&](Connection& connection) -> Members {
    const auto rows =
        connection.run(select_members, caller.workspace, caller.user, chat, after, limit);
    if (rows.empty()) return std::nullopt;
    return to_members(rows);
  });
}

awaitable<AddedMembers> PostgresChatMemberRepository::add(Caller caller, ChatId chat,
                                                          std::vector<UserId> users) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        run_locking(connection, add_statement, caller.workspace, caller.user, chat, users,
                    limits_.fan_out.member_limit, limits_.members_max, limits_.added_per_day);
    return AddedMembers{to_chat_outcome(rows[0]["outcome"].c_str()), to_members(rows),
                        to_ids<UserId>(rows[0]["offenders"])};
  });
}

awaitable<ChatOutcome> PostgresChatMemberRepository::remove(Caller caller, ChatId chat,
                                                            std::vector<UserId> users) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, remove_statement, caller.workspace, caller.user, chat,
                                  users, limits_.fan_out.member_limit);
    return to_chat_outcome(rows[0][0].c_str());
  });
}

awaitable<ChangedMember> PostgresChatMemberRepository::set_role(Caller caller, ChatId chat,
                                                                UserId member, ChatRole role) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, set_role_statement, caller.workspace, caller.user,
                                  chat, member, role_name(role), limits_.fan_out.member_limit);
    ChangedMember result{to_chat_outcome(rows[0]["outcome"].c_str()), std::nullopt};
    if (result.outcome == ChatOutcome::done) result.member = to_member(rows[0]);
    return result;
  });
}

awaitable<ChangedChat> PostgresChatMemberRepository::join(Caller caller, ChatId chat) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, join_statement, caller.workspace, caller.user, chat,
                                  limits_.fan_out.member_limit, limits_.members_max);
    return to_changed_chat(rows[0]);
  });
}

awaitable<ChatOutcome> PostgresChatMemberRepository::leave(Caller caller, ChatId chat) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, leave_statement, caller.workspace, caller.user, chat,
                                  limits_.fan_out.member_limit);
    return to_chat_outcome(rows[0][0].c_str());
  });
}

awaitable<TakenChats> PostgresChatMemberRepository::take_over(AuditedCaller by, UserId owner) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(take_over_statement, by.caller.workspace, by.caller.user, owner,
                       limits_.fan_out.member_limit, taken_at_once_max, by.request_id);
    TakenChats taken{to_chat_outcome(rows[0]["outcome"].c_str()), {}};
    for (const auto& row : rows) {
      if (!row["chat_id"].is_null()) taken.chats.push_back(to_chat(row));
    }
    return taken;
  });
}

}  // namespace fechatter::server
