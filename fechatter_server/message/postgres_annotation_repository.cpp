#include "fechatter_server/message/postgres_annotation_repository.hpp"

#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement set_reaction_statement{
    "set_reaction",
    "SELECT outcome, (message).*, my_reactions FROM set_reaction($1, $2, $3, $4, $5, $6, $7)"};

const Statement set_pin_statement{"set_pin", "SELECT set_pin($1, $2, $3, $4, $5)"};

const Statement set_saved_statement{"set_saved", "SELECT set_saved($1, $2, $3, $4, $5)"};

// The lists have one message more than the page. A row without a message: the caller is a member.
const Statement select_pins{"select_pins", R"(
SELECT v.*, p.pin_number AS number, unix_micros(p.pinned_at) AS annotated_at,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, m.user_id) END AS my_reactions
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT x.message_id, x.pin_number, x.pinned_at FROM message_annotations x
  WHERE x.chat_id = m.chat_id AND x.pin_number IS NOT NULL
    AND ($4::bigint IS NULL OR x.pin_number < $4)
  ORDER BY x.pin_number DESC LIMIT $5::bigint + 1) p ON true
LEFT JOIN message_rows v ON v.id = p.message_id
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY p.pin_number DESC)"};

const Statement select_saved{"select_saved_messages", R"(
SELECT v.*, s.id AS number, unix_micros(s.saved_at) AS annotated_at,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, s.user_id) END AS my_reactions
FROM saved_messages s JOIN message_rows v ON v.id = s.message_id
JOIN chat_members m ON m.chat_id = v.chat_id AND m.user_id = s.user_id
JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
WHERE s.user_id = $2 AND s.workspace_id = $1 AND ($3::bigint IS NULL OR s.id < $3)
ORDER BY s.id DESC LIMIT $4::bigint + 1)"};

AnnotationOutcome to_annotation_outcome(std::string_view text) {
  if (text == "done") return AnnotationOutcome::done;
  if (text == "not_found") return AnnotationOutcome::not_found;
  if (text == "no_such_message") return AnnotationOutcome::no_such_message;
  if (text == "forbidden") return AnnotationOutcome::forbidden;
  if (text == "archived") return AnnotationOutcome::archived;
  if (text == "deleted") return AnnotationOutcome::deleted;
  if (text == "full") return AnnotationOutcome::full;
  throw_unknown("annotation outcome", text);
}

// Ends the page where its limit or its bytes do.
AnnotatedList to_list(const pqxx::result& rows, UserId viewer, std::int64_t limit) {
  AnnotatedList list;
  PageBudget budget;
  for (const auto& row : rows) {
    if (row["id"].is_null()) break;
    AnnotatedMessage item{to_message(row, viewer), row["number"].as<std::int64_t>(),
                          to_time(row["annotated_at"])};
    const bool is_full = list.messages.size() == static_cast<std::size_t>(limit);
    if (is_full || !budget.admit(json_size(item.message))) {
      list.next = list.messages.back().number;
      break;
    }
    list.messages.push_back(std::move(item));
  }
  list.bytes = budget.bytes();
  return list;
}

}  // namespace

awaitable<AnnotatedOutcome> PostgresAnnotationRepository::set_reaction(Caller caller, ChatId chat,
                                                                       MessageId message,
                                                                       std::string emoji,
                                                                       bool present) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, set_reaction_statement, caller.workspace, caller.user,
                                  chat, message, emoji, present, member_limit_);
    AnnotatedOutcome annotated{to_annotation_outcome(rows[0]["outcome"].c_str()), std::nullopt};
    if (annotated.outcome == AnnotationOutcome::done) {
      annotated.message = to_message(rows[0], caller.user);
    }
    return annotated;
  });
}

awaitable<AnnotationOutcome> PostgresAnnotationRepository::set_pin(Caller caller, ChatId chat,
                                                                   MessageId message,
                                                                   bool present) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, set_pin_statement, caller.workspace, caller.user,
                                  chat, message, present);
    return to_annotation_outcome(rows[0][0].c_str());
  });
}

awaitable<ListedPins> PostgresAnnotationRepository::pins(Caller caller, ChatId chat, KeyPage page) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows =
        connection.run(select_pins, caller.workspace, caller.user, chat, page.before, page.limit);
    if (rows.empty()) return ListedPins{};
    return ListedPins{AnnotationOutcome::done, to_list(rows, caller.user, page.limit)};
  });
}

awaitable<AnnotationOutcome> PostgresAnnotationRepository::set_saved(Caller caller,
                                                                     MessageId message,
                                                                     bool present) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = run_locking(connection, set_saved_statement, caller.workspace, caller.user,
                                  message, present, saved_max);
    return to_annotation_outcome(rows[0][0].c_str());
  });
}

awaitable<AnnotatedList> PostgresAnnotationRepository::saved(Caller caller, KeyPage page) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows =
        connection.run(select_saved, caller.workspace, caller.user, page.before, page.limit);
    return to_list(rows, caller.user, page.limit);
  });
}

}  // namespace fechatter::server
