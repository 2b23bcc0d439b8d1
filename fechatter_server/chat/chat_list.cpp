#include "fechatter_server/chat/chat_list.hpp"

#include <algorithm>
#include <utility>

#include "fechatter_core/joined.hpp"
#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/chat_rows.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;
using Text = std::string_view;

constexpr Text position = "SELECT (SELECT event_mark FROM event_mark_rows) AS event_mark, ";

// The chats of the page, for the member $2 in the workspace $1, after $3 and $4, at most $5.
constexpr Text of_page = R"(
WHERE s.user_id = $2 AND s.workspace_id = $1
  AND (s.hidden_through_seq IS NULL OR c.chat_shown_seq > s.hidden_through_seq)
  AND ($3::bigint IS NULL OR (c.chat_last_activity_at, c.chat_id) < (from_unix_micros($3), $4))
ORDER BY c.chat_last_activity_at DESC, c.chat_id DESC LIMIT $5)";

constexpr Text shown = R"(
       m.*, n.unread, o.mentions AS mention_count,
       unix_micros(m.chat_last_activity_at) AS active_at,
       u.id AS other_id, u.workspace_id AS other_workspace_id, u.fullname AS other_fullname,
       u.email AS other_email, u.status AS other_status,
       u.role AS other_role, u.avatar_url AS other_avatar_url, u.title AS other_title,
       u.bio AS other_bio, u.created_at AS other_created_at, l.*
FROM (SELECT c.*, s.user_id, s.last_read_seq, s.read_event_id, s.own_unread,
             unix_micros(CASE WHEN s.muted_until > now() THEN s.muted_until END) AS muted_until)";

// Looked up for each chat `m` by its key, so that the order of the chats is that of the result,
// without another sort. Only a Single has another user (LIMIT 1: a planner that does not know the
// tables yet might read all users).
constexpr Text looked_up = R"() m
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
)";

// The chats of the page are chosen first. PostgreSQL computes the subqueries of chat_rows behind
// the LIMIT, for these chats alone, because the page is made by inner joins and sorted by columns.
constexpr Text memberships = " FROM chat_members s JOIN chat_rows c ON c.chat_id = s.chat_id";
constexpr Text in_order = "ORDER BY m.chat_last_activity_at DESC, m.chat_id DESC";
const Statement select_chats{
    "select_chat_summaries",
    joined<position, shown, memberships, of_page, looked_up, in_order>.data()};

constexpr Text select = "SELECT ";
constexpr Text ids = "c.chat_id, unix_micros(c.chat_last_activity_at) AS active_at";
const Statement select_choice{"select_chat_choice",
                              joined<position, ids, memberships, of_page>.data()};

constexpr Text of_chosen = R"(, w.place
FROM unnest($3::bigint[]) WITH ORDINALITY AS w (id, place)
JOIN chat_members s ON s.chat_id = w.id AND s.user_id = $2 AND s.workspace_id = $1
JOIN chat_rows c ON c.chat_id = w.id)";
constexpr Text as_chosen = "ORDER BY m.place";
const Statement select_chosen{"select_chosen_chats",
                              joined<select, shown, of_chosen, looked_up, as_chosen>.data()};

const Statement select_mark{"select_event_mark", "SELECT event_mark FROM event_mark_rows"};

// The columns of shown: several hundred rows are read by them.
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

pqxx::result run(Connection& connection, const Statement& statement, Caller caller,
                 const ChatPage& page) {
  std::optional<std::int64_t> active_at;
  std::optional<ChatId> chat;
  if (page.after) {
    active_at = to_unix_micros(page.after->active_at);
    chat = page.after->chat;
  }
  return connection.run(statement, caller.workspace, caller.user, active_at, chat, page.limit + 1);
}

std::vector<ChatSummary> to_summaries(const pqxx::result& rows) {
  std::vector<ChatSummary> summaries;
  if (rows.empty()) return summaries;
  summaries.reserve(rows.size());
  const SummaryColumns columns{rows[0]};
  for (const auto& row : rows) summaries.push_back(to_summary(row, columns));
  return summaries;
}

// REQUIRES: there are rows.
ChatList to_list(const pqxx::result& rows, std::size_t limit) {
  ChatListMaker list{limit, static_cast<std::size_t>(rows.size()),
                     rows[0]["event_mark"].as<std::string>()};
  const SummaryColumns columns{rows[0]};
  for (const auto& row : rows) {
    if (!list.add(to_summary(row, columns))) break;
  }
  return list.take();
}

}  // namespace

ChatListMaker::ChatListMaker(std::size_t limit, std::size_t found, std::string position)
    : limit_{limit} {
  list_.position = std::move(position);
  list_.summaries.reserve(std::min(limit, found));
}

bool ChatListMaker::add(ChatSummary summary) {
  if (list_.summaries.size() == limit_ || !budget_.admit(json_size(summary))) {
    const auto& last = list_.summaries.back();
    list_.next = ChatCursor{last.active_at, last.chat.id};
    return false;
  }
  list_.summaries.push_back(std::move(summary));
  return true;
}

ChatList ChatListMaker::take() {
  list_.bytes = budget_.bytes();
  return std::move(list_);
}

ChatList read_chats(Connection& connection, Caller caller, const ChatPage& page) {
  auto rows = run(connection, select_chats, caller, page);
  if (!rows.empty()) return to_list(rows, page.limit);
  // No row has the position. What is read after it shows everything up to it.
  ChatListMaker none{page.limit, 0, connection.run(select_mark)[0][0].as<std::string>()};
  rows = run(connection, select_chats, caller, page);
  return rows.empty() ? none.take() : to_list(rows, page.limit);
}

ChosenChats choose_chats(Connection& connection, Caller caller, const ChatPage& page) {
  ChosenChats chosen;
  for (const auto& row : run(connection, select_choice, caller, page)) {
    if (chosen.chats.empty()) chosen.position = row[0].as<std::string>();
    chosen.chats.push_back({to_time(row[2]), to_id<ChatId>(row[1])});
  }
  return chosen;
}

std::vector<ChatSummary> read_chosen(Connection& connection, Caller caller,
                                     std::span<const ChatCursor> chosen) {
  std::vector<ChatId> wanted;
  for (const auto& cursor : chosen) wanted.push_back(cursor.chat);
  auto summaries =
      to_summaries(connection.run(select_chosen, caller.workspace, caller.user, wanted));
  auto at = chosen.begin();
  for (auto& summary : summaries) {
    at = std::find_if(at, chosen.end(),
                      [&](const ChatCursor& cursor) { return cursor.chat == summary.chat.id; });
    summary.active_at = at->active_at;
  }
  return summaries;
}

}  // namespace fechatter::server
