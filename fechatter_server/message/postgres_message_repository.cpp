#include "fechatter_server/message/postgres_message_repository.hpp"

#include <algorithm>

#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_rows.hpp"

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

const postgres::Statement select_around{"select_messages_around", R"(
SELECT a.seq AS anchor, v.*
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages a ON a.id = $4 AND a.chat_id = m.chat_id
LEFT JOIN LATERAL (
  (SELECT r.* FROM message_rows r WHERE r.chat_id = m.chat_id AND r.seq <= a.seq
   ORDER BY r.seq DESC LIMIT $5::bigint - $5::bigint / 2)
  UNION ALL
  (SELECT r.* FROM message_rows r WHERE r.chat_id = m.chat_id AND r.seq > a.seq
   ORDER BY r.seq LIMIT $5::bigint / 2)) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

const postgres::Statement edit_statement{
    "edit_message", "SELECT outcome, (message).* FROM edit_message($1, $2, $3, $4, $5)"};

const postgres::Statement delete_statement{"delete_message",
                                           "SELECT delete_message($1, $2, $3, $4)"};

using Place = MessagePage::Place;

const postgres::Statement& statement_of(Place place) {
  if (place == Place::after) return select_after;
  return place == Place::around ? select_around : select_before;
}

const char* parameter_of(Place place) {
  if (place == Place::after) return "after";
  return place == Place::around ? "around" : "before";
}

Messages list_on(Connection& connection, WorkspaceId workspace, UserId member, ChatId chat,
                 const MessagePage& page) {
  std::optional<MessageId> anchor;
  if (page.place != Place::newest) anchor = page.anchor;
  const auto rows =
      connection.run(statement_of(page.place), workspace, member, chat, anchor, page.limit);
  if (rows.empty()) return std::nullopt;
  if (anchor && rows[0]["anchor"].is_null()) {
    throw invalid_field(parameter_of(page.place), "is no message of this chat");
  }
  std::vector<Message> messages;
  for (const auto& row : rows) {
    if (!row["id"].is_null()) messages.push_back(to_message(row));
  }
  return messages;
}

MessageOutcome to_message_outcome(std::string_view text) {
  if (text == "done") return MessageOutcome::done;
  if (text == "not_found") return MessageOutcome::not_found;
  if (text == "no_such_message") return MessageOutcome::no_such_message;
  if (text == "forbidden") return MessageOutcome::forbidden;
  if (text == "deleted") return MessageOutcome::deleted;
  if (text == "empty") return MessageOutcome::empty;
  throw std::runtime_error{"unknown outcome: " + std::string{text}};
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

awaitable<EditedMessage> PostgresMessageRepository::edit(WorkspaceId workspace, UserId caller,
                                                         ChatId chat, MessageId message,
                                                         std::string content) {
  auto edited = co_await database_.run([&](Connection& connection) {
    const auto rows =
        run_locking(connection, edit_statement, workspace, caller, chat, message, content);
    EditedMessage result{to_message_outcome(rows[0]["outcome"].c_str()), std::nullopt};
    if (result.outcome == MessageOutcome::done) result.message = to_message(rows[0]);
    return result;
  });
  if (edited.outcome == MessageOutcome::done) committed_();
  co_return edited;
}

awaitable<MessageOutcome> PostgresMessageRepository::remove(WorkspaceId workspace, UserId caller,
                                                            ChatId chat, MessageId message) {
  const auto outcome = co_await database_.run([&](Connection& connection) {
    const auto rows = run_locking(connection, delete_statement, workspace, caller, chat, message);
    return to_message_outcome(rows[0][0].c_str());
  });
  if (outcome == MessageOutcome::done) committed_();
  co_return outcome;
}

awaitable<Messages> PostgresMessageRepository::list(WorkspaceId workspace, UserId member,
                                                    ChatId chat, MessagePage page) {
  co_return co_await database_.run(
      [&](Connection& connection) { return list_on(connection, workspace, member, chat, page); });
}

}  // namespace fechatter::server
