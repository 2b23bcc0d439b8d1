#include "fechatter_server/chat/postgres_chat_repository.hpp"

#include <algorithm>
#include <span>

#include "fechatter_server/chat/chat_list.hpp"
#include "fechatter_server/chat/chat_rows.hpp"
#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/chat/who_may.hpp"
#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement create_statement{
    "create_chat",
    "SELECT outcome, made, array_to_json(offenders)::text AS offenders "
    "FROM create_chat($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

const Statement select_chat{
    "select_chat",
    "SELECT c.*, o.fullname AS other_fullname "
    "FROM chat_members m JOIN chat_rows c ON c.chat_id = m.chat_id "
    "LEFT JOIN users o ON o.id = CASE WHEN c.chat_single_low = m.user_id THEN c.chat_single_high "
    "ELSE c.chat_single_low END "
    "WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1"};

const Statement select_public{"select_public_channels", R"(
SELECT c.*, EXISTS (SELECT FROM chat_members m
                    WHERE m.chat_id = c.chat_id AND m.user_id = $2) AS is_member
FROM chat_rows c JOIN chats k ON k.id = c.chat_id
WHERE c.chat_workspace_id = $1 AND c.chat_type = 'public_channel' AND c.chat_id > $4
  AND EXISTS (SELECT FROM users u
              WHERE u.id = $2 AND u.workspace_id = $1 AND u.status = 'active')
  AND (k.archived_at IS NOT NULL) = $6::boolean
  AND (position($3 IN k.name_key) > 0 OR position($3 IN k.description_key) > 0
       OR position($3 IN k.topic_key) > 0)
ORDER BY c.chat_id LIMIT $5)"};

const Statement update_statement{"update_chat",
                                 "SELECT outcome, (chat).* "
                                 "FROM update_chat($1, $2, $3, $4, $5, $6, $7)"};

const Statement set_statement{"set_chat_settings",
                              "SELECT outcome, (chat).* "
                              "FROM set_chat_settings($1, $2, $3, $4, $5, $6, $7, $8)"};

const Statement archive_statement{"archive_chat",
                                  "SELECT outcome, (chat).* FROM archive_chat($1, $2, $3, $4)"};

const Statement delete_statement{"delete_chat", "SELECT delete_chat($1, $2, $3, $4)"};

const Statement restore_statement{"restore_chat", R"(
WITH restored AS MATERIALIZED (
  SELECT * FROM restore_chat($1, $2, $3)
), noted AS (
  INSERT INTO audit_log (workspace_id, actor, action, target, request_id)
    SELECT $1::bigint, 'user ' || $2::bigint, 'chat.restore', 'chat ' || $3::bigint, $4
    FROM restored WHERE outcome = 'done'
)
SELECT outcome, (chat).* FROM restored)"};

// A chat as one of its members sees it: a Single is called after the other one.
Chat to_chat_of_member(const pqxx::row& row) {
  auto chat = to_chat(row);
  if (chat.type == ChatType::single) chat.name = row["other_fullname"].as<std::string>("");
  return chat;
}

CreatedChat to_created_chat(const pqxx::row& row) {
  CreatedChat created;
  created.existed = row["outcome"].c_str() == std::string_view{"exists"};
  created.outcome = created.existed ? ChatOutcome::done : to_chat_outcome(row["outcome"].c_str());
  if (created.outcome == ChatOutcome::done) created.id = to_id<ChatId>(row["made"]);
  created.offenders = to_ids<UserId>(row["offenders"]);
  return created;
}

std::optional<std::string> text_of(const std::optional<Name>& name) {
  return name ? std::optional{name->text} : std::nullopt;
}

std::optional<std::string> key_of(const std::optional<Name>& name) {
  return name ? std::optional{name->key} : std::nullopt;
}

std::optional<std::string> search_key_of(const std::optional<std::string>& text) {
  return text ? std::optional{name_key(*text)} : std::nullopt;
}

std::optional<std::string_view> name_or_null(std::optional<WhoMay> who) {
  return who ? std::optional{name_of(*who)} : std::nullopt;
}

}  // namespace

awaitable<CreatedChat> PostgresChatRepository::create(Caller creator, ChatDraft draft) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(create_statement, creator.workspace, creator.user, sql_name(draft.type),
                       draft.name.text, draft.description, draft.members, draft.name.key,
                       name_key(draft.description), limits_.made_per_day, limits_.added_per_day);
    return to_created_chat(rows[0]);
  });
}

awaitable<std::optional<Chat>> PostgresChatRepository::find(Caller caller, ChatId chat) {
  co_return co_await database_.read([&](Connection& connection) -> std::optional<Chat> {
    const auto rows = connection.run(select_chat, caller.workspace, caller.user, chat);
    if (rows.empty()) return std::nullopt;
    return to_chat_of_member(rows[0]);
  });
}

awaitable<ChatList> PostgresChatRepository::list(Caller caller, ChatPage page, Pace& pace) {
  if (pace.has_parts() && page.limit > chats_of_a_part) {
    auto list = co_await list_in_parts(caller, page, pace);
    if (list) co_return std::move(*list);
  }
  co_return co_await database_.read(
      [&](Connection& connection) { return read_chats(connection, caller, page); });
}

// Nothing when there are no chats.
awaitable<std::optional<ChatList>> PostgresChatRepository::list_in_parts(Caller caller,
                                                                         ChatPage page,
                                                                         Pace& pace) {
  const auto chosen = co_await database_.read(
      [&](Connection& connection) { return choose_chats(connection, caller, page); });
  if (chosen.chats.empty()) co_return std::nullopt;
  ChatListMaker list{page.limit, chosen.chats.size(), chosen.position};
  for (auto left = std::span{chosen.chats}; !left.empty();) {
    co_await pace.rest();
    const auto part = left.first(std::min(left.size(), chats_of_a_part));
    left = left.subspan(part.size());
    auto summaries = co_await database_.read(
        [&](Connection& connection) { return read_chosen(connection, caller, part); });
    for (auto& summary : summaries) {
      if (!list.add(std::move(summary))) co_return list.take();
    }
  }
  co_return list.take();
}

awaitable<std::vector<PublicChannel>> PostgresChatRepository::list_public(
    Caller caller, std::string part, ChatId after, std::int64_t limit, bool archived) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows =
        connection.run(select_public, caller.workspace, caller.user, part, after, limit, archived);
    std::vector<PublicChannel> channels;
    for (const auto& row : rows) {
      channels.push_back({to_chat(row), row["is_member"].as<bool>()});
    }
    return channels;
  });
}

awaitable<ChangedChat> PostgresChatRepository::update(Caller caller, ChatId chat, ChatPatch patch) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, update_statement, caller.workspace, caller.user, chat,
                                  text_of(patch.name), patch.description, key_of(patch.name),
                                  search_key_of(patch.description));
    return to_changed_chat(rows[0]);
  });
}

awaitable<ChangedChat> PostgresChatRepository::set(Caller caller, ChatId chat,
                                                   ChatSettings settings) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        run_locking(connection, set_statement, caller.workspace, caller.user, chat,
                    name_or_null(settings.who_may_write), name_or_null(settings.who_may_pin),
                    settings.everyone_mentions, settings.topic, search_key_of(settings.topic));
    return to_changed_chat(rows[0]);
  });
}

awaitable<ChangedChat> PostgresChatRepository::archive(Caller caller, ChatId chat, bool archived) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        run_locking(connection, archive_statement, caller.workspace, caller.user, chat, archived);
    return to_changed_chat(rows[0]);
  });
}

awaitable<ChatOutcome> PostgresChatRepository::remove(Caller caller, ChatId chat) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, delete_statement, caller.workspace, caller.user, chat,
                                  limits_.restore_days);
    return to_chat_outcome(rows[0][0].c_str());
  });
}

awaitable<ChangedChat> PostgresChatRepository::restore(AuditedCaller by, ChatId chat) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, restore_statement, by.caller.workspace,
                                  by.caller.user, chat, by.request_id);
    return to_changed_chat(rows[0]);
  });
}

}  // namespace fechatter::server
