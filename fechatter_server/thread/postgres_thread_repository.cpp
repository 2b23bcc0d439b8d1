#include "fechatter_server/thread/postgres_thread_repository.hpp"

#include <algorithm>

#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

// The caller's membership is the first row source. The root is the row with the lowest seq, and is
// there on each page.
#define REPLIES_PAGE(page)                                                             \
  "SELECT t.root_id, a.seq AS anchor, v.*, "                                           \
  "CASE WHEN v.reactions_cut THEN my_reactions(v.id, m.user_id) END AS my_reactions "  \
  "FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL "     \
  "LEFT JOIN LATERAL (SELECT coalesce(x.thread_root_id, x.id) AS root_id "             \
  "FROM messages x WHERE x.id = $4 AND x.chat_id = m.chat_id) t ON true "              \
  "LEFT JOIN messages a ON a.id = $5 AND t.root_id IN (a.thread_root_id, a.id) "       \
  "LEFT JOIN LATERAL ((SELECT r.* FROM message_rows r WHERE r.id = t.root_id) "        \
  "UNION ALL (SELECT r.* FROM message_rows r WHERE r.thread_root_id = t.root_id " page \
  " LIMIT $6)) v ON true "                                                             \
  "WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1 ORDER BY v.seq DESC"

const Statement select_before{
    "select_replies_before",
    REPLIES_PAGE("AND r.seq < CASE WHEN $5::bigint IS NULL THEN c.last_seq + 1 ELSE a.seq END "
                 "ORDER BY r.seq DESC")};

const Statement select_after{"select_replies_after",
                             REPLIES_PAGE("AND r.seq > a.seq ORDER BY r.seq")};

#undef REPLIES_PAGE

// The threads of the page are chosen first, and one more: what is shown of a thread costs more.
const Statement select_followed{"select_followed_threads", R"(
SELECT f.last_read_seq, unread_replies(f.root_id, f.user_id, f.last_read_seq) AS unread,
       unix_micros(f.active_at) AS active_at, v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, f.user_id) END AS my_reactions
FROM (SELECT g.root_id, g.user_id, g.last_read_seq, t.last_reply_at AS active_at
      FROM (SELECT h.* FROM thread_follows h
            WHERE h.user_id = $2 AND h.workspace_id = $1 AND h.following
            ORDER BY h.root_id DESC LIMIT 5000) g
      JOIN threads t ON t.root_id = g.root_id AND t.reply_count > 0
      JOIN chat_members m ON m.chat_id = g.chat_id AND m.user_id = g.user_id
      JOIN chats c ON c.id = g.chat_id AND c.deleted_at IS NULL
      WHERE $3::bigint IS NULL OR (t.last_reply_at, g.root_id) < (from_unix_micros($3), $4)
      ORDER BY t.last_reply_at DESC, g.root_id DESC LIMIT $5) f
JOIN message_rows v ON v.id = f.root_id
ORDER BY f.active_at DESC, f.root_id DESC)"};

const Statement follow_statement{"follow_thread", "SELECT follow_thread($1, $2, $3, $4, $5)"};

const Statement read_thread_statement{"read_thread",
                                      "SELECT outcome, root, last_read_seq, unread "
                                      "FROM read_thread($1, $2, $3, $4, $5, $6, $7)"};

ThreadOutcome to_thread_outcome(std::string_view text) {
  if (text == "done") return ThreadOutcome::done;
  if (text == "not_found") return ThreadOutcome::not_found;
  if (text == "no_such_message") return ThreadOutcome::no_such_message;
  if (text == "beyond") return ThreadOutcome::no_such_reply;
  throw_unknown("thread outcome", text);
}

// Ends the page where its bytes do: at the far side of its anchor.
void limit_bytes(Thread& thread, ThreadPage::Range range) {
  PageBudget budget;
  budget.admit(json_size(thread.root));
  auto& replies = thread.replies;
  const bool upwards = range == ThreadPage::Range::after;
  if (upwards) std::reverse(replies.begin(), replies.end());
  std::size_t count = 0;
  while (count < replies.size() && budget.admit(json_size(replies[count]))) ++count;
  if (count < replies.size()) {
    // At least one, so that the next page goes on.
    count = std::max<std::size_t>(count, 1);
    replies.resize(count);
    thread.next = replies.back().id;
  }
  if (upwards) std::reverse(replies.begin(), replies.end());
  thread.bytes = budget.bytes();
}

FoundThread to_thread(const pqxx::result& rows, ThreadPage::Range range, UserId viewer) {
  FoundThread found;
  if (rows.empty()) return found;
  found.outcome = ThreadOutcome::no_such_message;
  if (rows[0]["root_id"].is_null()) return found;
  found.outcome = ThreadOutcome::no_such_reply;
  if (range != ThreadPage::Range::newest && rows[0]["anchor"].is_null()) return found;
  found.outcome = ThreadOutcome::done;
  const MessageColumns columns{rows[0]};
  for (const auto& row : rows) found.thread.replies.push_back(to_message(row, columns, viewer));
  found.thread.root = std::move(found.thread.replies.back());
  found.thread.replies.pop_back();
  limit_bytes(found.thread, range);
  return found;
}

FollowedThreads to_followed(const pqxx::result& rows, std::size_t limit, UserId viewer) {
  FollowedThreads list;
  PageBudget budget;
  for (const auto& row : rows) {
    constexpr std::size_t own_fields = 120;  // as JSON
    FollowedThread thread;
    thread.root = to_message(row, viewer);
    thread.read = {thread.root.id, row["last_read_seq"].as<std::int64_t>(),
                   row["unread"].as<std::int64_t>()};
    thread.last_reply_at = to_time(row["active_at"]);
    if (list.threads.size() == limit || !budget.admit(json_size(thread.root) + own_fields)) {
      const auto& last = list.threads.back();
      list.next = ThreadCursor{last.last_reply_at, last.root.id};
      break;
    }
    list.threads.push_back(std::move(thread));
  }
  list.bytes = budget.bytes();
  return list;
}

}  // namespace

awaitable<FoundThread> PostgresThreadRepository::find(Caller caller, ChatId chat, MessageId message,
                                                      ThreadPage page) {
  co_return co_await database_.read([&](Connection& connection) {
    std::optional<MessageId> anchor;
    if (page.range != ThreadPage::Range::newest) anchor = page.anchor;
    const bool upwards = page.range == ThreadPage::Range::after;
    const auto rows = connection.run(upwards ? select_after : select_before, caller.workspace,
                                     caller.user, chat, message, anchor, page.limit);
    return to_thread(rows, page.range, caller.user);
  });
}

awaitable<ThreadOutcome> PostgresThreadRepository::follow(Caller caller, ChatId chat,
                                                          MessageId message, bool following) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(follow_statement, caller.workspace, caller.user, chat, message, following);
    return to_thread_outcome(rows[0][0].c_str());
  });
}

awaitable<ReadThread> PostgresThreadRepository::read(Caller caller, ChatId chat, MessageId message,
                                                     ThreadReadMove move) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(read_thread_statement, caller.workspace, caller.user, chat,
                                     message, move.seq, move.message, move.unread_from);
    const auto row = rows[0];
    ReadThread read{to_thread_outcome(row["outcome"].c_str()), {}};
    if (read.outcome == ThreadOutcome::done) {
      read.read = {to_id<MessageId>(row["root"]), row["last_read_seq"].as<std::int64_t>(),
                   row["unread"].as<std::int64_t>()};
    }
    return read;
  });
}

awaitable<FollowedThreads> PostgresThreadRepository::list(Caller caller,
                                                          std::optional<ThreadCursor> after,
                                                          std::size_t limit) {
  co_return co_await database_.read([&](Connection& connection) {
    std::optional<std::int64_t> active_at;
    std::optional<MessageId> root;
    if (after) {
      active_at = to_unix_micros(after->last_reply_at);
      root = after->root;
    }
    const auto rows =
        connection.run(select_followed, caller.workspace, caller.user, active_at, root, limit + 1);
    return to_followed(rows, limit, caller.user);
  });
}

}  // namespace fechatter::server
