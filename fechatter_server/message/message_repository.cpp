#include "fechatter_server/message/message_repository.hpp"

#include <algorithm>

#include "fechatter_server/rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using Messages = std::optional<std::vector<Message>>;

// The caller's own membership is the first row source: without it there is no row at all. `anchor`
// is the seq of the message that the page lies next to; paging goes by seq alone.
const postgres::Statement select_before{"select_messages_before", R"(
SELECT a.seq AS anchor, v.*
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages a ON a.id = $4 AND a.chat_id = m.chat_id
LEFT JOIN LATERAL (
  SELECT r.* FROM message_rows r
  WHERE r.chat_id = m.chat_id AND r.seq < coalesce(a.seq, CASE WHEN $4::bigint IS NULL
                                                          THEN c.last_seq + 1 ELSE 0 END)
  ORDER BY r.seq DESC LIMIT $5) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

const postgres::Statement select_after{"select_messages_after", R"(
SELECT a.seq AS anchor, v.*
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages a ON a.id = $4 AND a.chat_id = m.chat_id
LEFT JOIN LATERAL (
  SELECT r.* FROM message_rows r WHERE r.chat_id = m.chat_id AND r.seq > a.seq
  ORDER BY r.seq LIMIT $5) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

Messages list_on(Connection& connection, WorkspaceId workspace, UserId member, ChatId chat,
                 const MessagePage& page) {
  const auto anchor = page.after ? page.after : page.before;
  const auto rows = connection.run(page.after ? select_after : select_before, workspace, member,
                                   chat, anchor, page.limit);
  if (rows.empty()) return std::nullopt;
  if (anchor && rows[0]["anchor"].is_null()) {
    throw invalid_field(page.after ? "after" : "before", "is no message of this chat");
  }
  std::vector<Message> messages;
  for (const auto& row : rows) {
    if (!row["id"].is_null()) messages.push_back(to_message(row));
  }
  return messages;
}

}  // namespace

awaitable<AppendOutcome> PostgresMessageRepository::append(AppendRequest request) {
  auto initiate = [this](auto handler, AppendRequest item) {
    // The queue's callback must be copyable, a completion handler is not.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto work = asio::make_work_guard(asio::get_associated_executor(*shared));
    queue_.push(std::move(item), [shared, work](std::exception_ptr error, AppendOutcome outcome) {
      asio::post(work.get_executor(), [shared, error, outcome = std::move(outcome)]() mutable {
        std::move (*shared)(error, std::move(outcome));
      });
    });
  };
  const asio::use_awaitable_t<Executor> token;
  return asio::async_initiate<const asio::use_awaitable_t<Executor>,
                              void(std::exception_ptr, AppendOutcome)>(std::move(initiate), token,
                                                                       std::move(request));
}

awaitable<Messages> PostgresMessageRepository::list(WorkspaceId workspace, UserId member,
                                                    ChatId chat, MessagePage page) {
  co_return co_await database_.run(
      [&](Connection& connection) { return list_on(connection, workspace, member, chat, page); });
}

}  // namespace fechatter::server
