#include "fechatter_server/read/postgres_read_repository.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/read/read_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement read_chat_statement{"read_chat", "SELECT * FROM read_chat($1, $2, $3, $4, $5)"};

const Statement unread_chat_statement{"unread_chat", "SELECT * FROM unread_chat($1, $2, $3, $4)"};

const Statement select_counts{"select_unread_counts", R"(
SELECT m.chat_id, m.last_read_seq, n.unread, o.mentions
FROM (SELECT s.chat_id, s.user_id, s.last_read_seq, s.own_unread, d.last_seq, d.last_excluded_seq,
             d.last_mention_seq, d.last_everyone_seq, d.last_activity_at
      FROM chat_members s JOIN chats d ON d.id = s.chat_id AND d.deleted_at IS NULL
      WHERE s.user_id = $2 AND s.workspace_id = $1
        AND (s.hidden_through_seq IS NULL OR d.shown_seq > s.hidden_through_seq)
      ORDER BY d.last_activity_at DESC, d.id DESC LIMIT 2000) m
CROSS JOIN LATERAL unread_messages(m.chat_id, m.last_seq, m.last_excluded_seq, m.last_read_seq,
                                   m.own_unread) n
CROSS JOIN LATERAL unread_mentions(m.chat_id, m.user_id, m.last_mention_seq,
                                   m.last_everyone_seq, m.last_read_seq) o
ORDER BY m.last_activity_at DESC, m.chat_id DESC)"};

const Statement select_receipts{"select_receipts", R"(
SELECT outcome, user_id, unix_micros(delivered_at) AS delivered_at, unix_micros(read_at) AS read_at
FROM message_receipts($1, $2, $3, $4))"};

}  // namespace

awaitable<MovedRead> PostgresReadRepository::read(Caller caller, ChatId chat, ReadTarget target) {
  const ReadRequest request{caller, chat, target};
  const auto queued = co_await queue_.read(request);
  if (queued) co_return *queued;
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(read_chat_statement, caller.workspace, caller.user, chat,
                                     target.message, target.seq);
    return to_moved_read(chat, rows[0]);
  });
}

awaitable<MovedRead> PostgresReadRepository::unread(Caller caller, ChatId chat, MessageId message) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(unread_chat_statement, caller.workspace, caller.user, chat, message);
    return to_moved_read(chat, rows[0]);
  });
}

awaitable<std::vector<ReadState>> PostgresReadRepository::list(Caller caller) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows = connection.run(select_counts, caller.workspace, caller.user);
    std::vector<ReadState> states;
    for (const auto& row : rows) {
      states.push_back(to_read_state(to_id<ChatId>(row["chat_id"]), row));
    }
    return states;
  });
}

awaitable<FoundReceipts> PostgresReadRepository::receipts(Caller caller, ChatId chat,
                                                          MessageId message) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows = connection.run(select_receipts, caller.workspace, caller.user, chat, message);
    FoundReceipts found;
    found.outcome = to_read_outcome(rows[0]["outcome"].c_str());
    for (const auto& row : rows) {
      if (row["user_id"].is_null()) continue;
      found.receipts.push_back(
          {to_id<UserId>(row["user_id"]), to_time(row["delivered_at"]), find_time(row["read_at"])});
    }
    return found;
  });
}

}  // namespace fechatter::server
