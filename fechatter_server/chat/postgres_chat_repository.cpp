#include "fechatter_server/chat/postgres_chat_repository.hpp"

#include <algorithm>

#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/chat_rows.hpp"
#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/chat/who_may.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/user/user_rows.hpp"

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

// The chats of the page are chosen first. PostgreSQL computes the subqueries of chat_rows behind
// the LIMIT, for these chats alone, because the page is made by inner joins and sorted by columns.
// What else is shown is looked up for each chat by its key, so that the order of the page is that
// of the result, without another sort. Only a Single has another user (LIMIT 1: a planner that does
// not know the tables yet might read all users).
const Statement select_summaries{"select_chat_summaries", R"(
SELECT (SELECT event_mark FROM event_mark_rows) AS event_mark, m.*, n.unread,
       o.mentions AS mention_count, unix_micros(m.chat_last_activity_at) AS active_at,
       u.id AS other_id, u.workspace_id AS other_workspace_id, u.fullname AS other_fullname,
       u.email AS other_email, u.status AS other_status,
       u.role AS other_role, u.avatar_url AS other_avatar_url, u.title AS other_title,
       u.bio AS other_bio, u.created_at AS other_created_at, l.*
FROM (SELECT c.*, s.user_id, s.last_read_seq, s.read_event_id, s.own_unread,
             unix_micros(CASE WHEN s.muted_until > now() THEN s.muted_until END) AS muted_until
      FROM chat_members s JOIN chat_rows c ON c.chat_id = s.chat_id
      WHERE s.user_id = $2 AND s.workspace_id = $1
        AND (s.hidden_through_seq IS NULL OR c.chat_shown_seq > s.hidden_through_seq)
        AND ($3::bigint IS NULL
             OR (c.chat_last_activity_at, c.chat_id) < (from_unix_micros($3), $4))
      ORDER BY c.chat_last_activity_at DESC, c.chat_id DESC LIMIT $5) m
LEFT JOIN LATERAL unread_messages(m.chat_id, m.chat_last_seq, m.chat_last_excluded_seq,
                                  m.last_read_seq, m.own_unread) n ON true
LEFT JOIN LATERAL unread_mentions(m.chat_id, m.user_id, m.chat_last_mention_seq,
                                  m.chat_last_everyone_seq, m.last_read_seq) o ON true
LEFT JOIN message_preview_rows l ON l.chat_id = m.chat_id AND l.seq = m.chat_shown_seq
LEFT JOIN LATERAL (
      SELECT * FROM user_rows r
      WHERE m.chat_type = 'single' AND r.id = CASE WHEN m.chat_single_low = m.user_id
                                                   THEN m.chat_single_high
                                                   ELSE m.chat_single_low END LIMIT 1) u ON true
ORDER BY m.chat_last_activity_at DESC, m.chat_id DESC)"};

const Statement select_mark{"select_event_mark", "SELECT event_mark FROM event_mark_rows"};

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

// The columns of select_summaries: several hundred rows are read by them.
struct SummaryColumns {
  explicit SummaryColumns(const pqxx::row& row)
      : chat{row},
        last_message{row},
        counterpart{row, "other_"},
        unread{row.column_number("unread")},
        mention_count{row.column_number("mention_count")},
        last_read_seq{row.column_number("last_read_seq")},
        read_event_id{row.column_number("read_event_id")},
        muted_until{row.column_number("muted_until")},
        active_at{row.column_number("active_at")},
        truncated{row.column_number("truncated")} {}

  const ChatColumns chat;
  const MessageColumns last_message;
  const UserColumns counterpart;
  const pqxx::row_size_type unread, mention_count, last_read_seq, read_event_id, muted_until,
      active_at, truncated;
};

ChatSummary to_summary(const pqxx::row& row, const SummaryColumns& columns) {
  ChatSummary summary;
  summary.chat = to_chat(row, columns.chat);
  summary.unread_count = row[columns.unread].as<std::int64_t>();
  summary.mention_count = row[columns.mention_count].as<std::int64_t>();
  summary.last_read_seq = row[columns.last_read_seq].as<std::int64_t>();
  summary.read_version = row[columns.read_event_id].as<std::int64_t>();
  summary.muted_until = find_time(row[columns.muted_until]);
  summary.active_at = to_time(row[columns.active_at]);
  if (!row[columns.last_message.seq].is_null()) {
    summary.last_message =
        MessagePreview{to_message(row, columns.last_message), row[columns.truncated].as<bool>()};
  }
  if (!row[columns.counterpart.id].is_null()) {
    summary.counterpart = to_user(row, columns.counterpart);
  }
  if (summary.chat.type == ChatType::single) {
    summary.chat.name = summary.counterpart ? summary.counterpart->fullname : std::string{};
  }
  return summary;
}

// REQUIRES: there are rows.
ChatList to_list(const pqxx::result& rows, std::size_t limit) {
  ChatList list;
  PageBudget budget{chat_page_bytes_max};
  list.position = rows[0]["event_mark"].as<std::string>();
  list.summaries.reserve(std::min<std::size_t>(rows.size(), limit));
  const SummaryColumns columns{rows[0]};
  for (const auto& row : rows) {
    auto summary = to_summary(row, columns);
    if (list.summaries.size() == limit || !budget.admit(json_size(summary))) {
      const auto& last = list.summaries.back();
      list.next = ChatCursor{last.active_at, last.chat.id};
      break;
    }
    list.summaries.push_back(std::move(summary));
  }
  list.bytes = budget.bytes();
  return list;
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

awaitable<ChatList> PostgresChatRepository::list(Caller caller, ChatPage page) {
  co_return co_await database_.read([&](Connection& connection) {
    std::optional<std::int64_t> active_at;
    std::optional<ChatId> chat;
    if (page.after) {
      active_at = to_unix_micros(page.after->active_at);
      chat = page.after->chat;
    }
    const auto read = [&] {
      return connection.run(select_summaries, caller.workspace, caller.user, active_at, chat,
                            page.limit + 1);
    };
    auto rows = read();
    if (!rows.empty()) return to_list(rows, page.limit);
    // No row has the position. What is read after it shows everything up to it.
    ChatList none;
    none.position = connection.run(select_mark)[0][0].as<std::string>();
    rows = read();
    return rows.empty() ? none : to_list(rows, page.limit);
  });
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
