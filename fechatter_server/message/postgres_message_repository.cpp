#include "fechatter_server/message/postgres_message_repository.hpp"

#include <deque>
#include <iterator>

#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;

// The caller's membership is the first row source: without it there is no row at all. `anchor` is
// the seq of the page's anchor; paging is by seq.
const postgres::Statement select_before{"select_messages_before", R"(
SELECT a.seq AS anchor, (SELECT event_mark FROM event_mark_rows), v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, m.user_id) END AS my_reactions
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages a ON a.id = $4 AND a.chat_id = m.chat_id
LEFT JOIN LATERAL (
  SELECT r.* FROM message_rows r
  WHERE r.chat_id = m.chat_id AND r.also_to_chat
    AND r.seq < coalesce(a.seq, CASE WHEN $4::bigint IS NULL THEN c.last_seq + 1 ELSE 0 END)
  ORDER BY r.seq DESC LIMIT $5) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

const postgres::Statement select_after{"select_messages_after", R"(
SELECT a.seq AS anchor, (SELECT event_mark FROM event_mark_rows), v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, m.user_id) END AS my_reactions
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages a ON a.id = $4 AND a.chat_id = m.chat_id
LEFT JOIN LATERAL (
  SELECT r.* FROM message_rows r WHERE r.chat_id = m.chat_id AND r.also_to_chat AND r.seq > a.seq
  ORDER BY r.seq LIMIT $5) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

const postgres::Statement select_around{"select_messages_around", R"(
SELECT a.seq AS anchor, (SELECT event_mark FROM event_mark_rows), v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, m.user_id) END AS my_reactions
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages a ON a.id = $4 AND a.chat_id = m.chat_id
LEFT JOIN LATERAL (
  (SELECT r.* FROM message_rows r
   WHERE r.chat_id = m.chat_id AND r.also_to_chat AND r.seq <= a.seq
   ORDER BY r.seq DESC LIMIT $5::bigint - $5::bigint / 2)
  UNION ALL
  (SELECT r.* FROM message_rows r
   WHERE r.chat_id = m.chat_id AND r.also_to_chat AND r.seq > a.seq
   ORDER BY r.seq LIMIT $5::bigint / 2)) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

// As select_around, for a number instead of a message.
const postgres::Statement select_around_seq{"select_messages_around_seq", R"(
SELECT $4::bigint AS anchor, (SELECT event_mark FROM event_mark_rows), v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, m.user_id) END AS my_reactions
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN LATERAL (
  (SELECT r.* FROM message_rows r
   WHERE r.chat_id = m.chat_id AND r.also_to_chat AND r.seq <= $4::bigint
   ORDER BY r.seq DESC LIMIT $5::bigint - $5::bigint / 2)
  UNION ALL
  (SELECT r.* FROM message_rows r
   WHERE r.chat_id = m.chat_id AND r.also_to_chat AND r.seq > $4::bigint
   ORDER BY r.seq LIMIT $5::bigint / 2)) v ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY v.seq DESC)"};

// A row without a message: the caller is a member, and there is no such message.
const postgres::Statement select_one{"select_message", R"(
SELECT r.*, CASE WHEN r.reactions_cut THEN my_reactions(r.id, m.user_id) END AS my_reactions
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN message_rows r ON r.chat_id = m.chat_id AND r.id = $4
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1)"};

// As select_one for `id`; one edit more than the page has.
const postgres::Statement select_history{"select_message_history", R"(
SELECT t.id, t.sender_id = m.user_id OR m.role <> 'member' AS may_read,
       e.version, e.content, unix_micros(e.edited_at) AS edited_at
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN messages t ON t.id = $4 AND t.chat_id = m.chat_id
LEFT JOIN LATERAL (
  SELECT h.* FROM message_edits h
  WHERE h.message_id = t.id AND ($5::bigint IS NULL OR h.version < $5)
    AND (t.sender_id = m.user_id OR m.role <> 'member')
  ORDER BY h.version DESC LIMIT $6::bigint + 1) e ON true
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1
ORDER BY e.version DESC)"};

const postgres::Statement edit_statement{
    "edit_message",
    "SELECT outcome, (message).*, CASE WHEN (message).reactions_cut"
    " THEN my_reactions((message).id, $2) END AS my_reactions"
    " FROM edit_message($1, $2, $3, $4, $5, $6, $7, $8::json, $9)"};

const postgres::Statement delete_statement{"delete_message",
                                           "SELECT delete_message($1, $2, $3, $4)"};

const postgres::Statement& statement_of(MessagePage::Range range) {
  using Range = MessagePage::Range;
  if (range == Range::after) return select_after;
  if (range == Range::around_seq) return select_around_seq;
  return range == Range::around ? select_around : select_before;
}

using Place = pqxx::result::size_type;

// The places of a page's rows, the one next to the anchor first: where the bytes end the page, the
// messages that it keeps follow one another.
std::vector<Place> nearest_first(const pqxx::result& rows, MessagePage::Range range,
                                 std::int64_t anchor_seq) {
  using Range = MessagePage::Range;
  const auto count = rows.size();
  Place newer = 0;  // messages on the newer side of the anchor
  if (range == Range::after) newer = count;
  if (range == Range::around || range == Range::around_seq) {
    while (newer < count && rows[newer]["seq"].as<std::int64_t>() > anchor_seq) ++newer;
  }
  std::vector<Place> order;
  for (Place step = 0; step < count; ++step) {
    if (newer + step < count) order.push_back(newer + step);
    if (step < newer) order.push_back(newer - 1 - step);
  }
  return order;
}

// Ends the page where its bytes do. No row beyond is parsed: a page of the largest messages has
// five times as many.
MessageList within_budget(const pqxx::result& rows, MessagePage::Range range,
                          std::int64_t anchor_seq, UserId viewer) {
  const auto places = nearest_first(rows, range, anchor_seq);
  const MessageColumns columns{rows[0]};
  PageBudget budget;
  std::deque<Message> kept;
  auto first = rows.size();
  for (const auto place : places) {
    auto message = to_message(rows[place], columns, viewer);
    if (!budget.admit(json_size(message))) break;
    if (place < first) {
      first = place;
      kept.push_front(std::move(message));
    } else {
      kept.push_back(std::move(message));
    }
  }
  MessageList list;
  if (kept.size() < places.size()) {
    list.next = (range == MessagePage::Range::after ? kept.front() : kept.back()).id;
  }
  list.messages = {std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end())};
  list.bytes = budget.bytes();
  return list;
}

ListedMessages to_page(const pqxx::result& rows, MessagePage::Range range, UserId viewer) {
  using Outcome = ListedMessages::Outcome;
  if (rows.empty()) return {Outcome::not_found, {}};
  const auto anchor = rows[0]["anchor"];
  if (range != MessagePage::Range::newest && anchor.is_null()) {
    return {Outcome::no_such_anchor, {}};
  }
  const auto anchor_seq = anchor.is_null() ? 0 : anchor.as<std::int64_t>();
  ListedMessages page{Outcome::done, {}};
  // Without a message the caller is a member, and there is none.
  if (!rows[0]["id"].is_null()) page.list = within_budget(rows, range, anchor_seq, viewer);
  page.list.position = rows[0]["event_mark"].as<std::string>();
  return page;
}

MessageOutcome to_message_outcome(std::string_view text) {
  if (text == "done") return MessageOutcome::done;
  if (text == "not_found") return MessageOutcome::not_found;
  if (text == "no_such_message") return MessageOutcome::no_such_message;
  if (text == "forbidden") return MessageOutcome::forbidden;
  if (text == "deleted") return MessageOutcome::deleted;
  if (text == "archived") return MessageOutcome::archived;
  if (text == "read_only") return MessageOutcome::read_only;
  if (text == "empty") return MessageOutcome::empty;
  if (text == "too_large") return MessageOutcome::too_large;
  if (text == "mention_outside") return MessageOutcome::mention_outside;
  if (text == "range_outside") return MessageOutcome::range_outside;
  if (text == "everyone_forbidden") return MessageOutcome::everyone_forbidden;
  if (text == "everyone_unconfirmed") return MessageOutcome::everyone_unconfirmed;
  throw_unknown("message outcome", text);
}

// Ends the page where its limit or its bytes do.
ListedEdits to_history(const pqxx::result& rows, std::size_t limit) {
  if (rows.empty()) return {};
  if (rows[0]["id"].is_null()) return {MessageOutcome::no_such_message, {}};
  if (!rows[0]["may_read"].as<bool>()) return {MessageOutcome::forbidden, {}};
  ListedEdits listed{MessageOutcome::done, {}};
  auto& [edits, next, bytes] = listed.list;
  PageBudget budget;
  for (const auto& row : rows) {
    if (row["version"].is_null()) break;
    FormerText edit{row["version"].as<std::int64_t>(), row["content"].as<std::string>(),
                    to_time(row["edited_at"])};
    if (edits.size() == limit || !budget.admit(json_size(edit))) {
      next = edits.back().version;
      break;
    }
    edits.push_back(std::move(edit));
  }
  bytes = budget.bytes();
  return listed;
}

}  // namespace

awaitable<EditedMessage> PostgresMessageRepository::edit(Caller caller, ChatId chat,
                                                         MessageId message, MessageEdit edit,
                                                         std::vector<MentionPlace> places) {
  co_return co_await database_.change([&](Connection& connection) {
    postgres::Parameter mentions;
    if (edit.mentions) mentions = postgres::to_parameter(*edit.mentions);
    postgres::Parameter candidates;
    if (!places.empty()) candidates = to_json(places).dump();
    const auto rows =
        run_locking(connection, edit_statement, caller.workspace, caller.user, chat, message,
                    edit.content, keeps_history_, mentions, candidates, edit.confirm_everyone);
    EditedMessage result{to_message_outcome(rows[0]["outcome"].c_str()), std::nullopt};
    if (result.outcome == MessageOutcome::done) result.message = to_message(rows[0], caller.user);
    return result;
  });
}

awaitable<MessageOutcome> PostgresMessageRepository::remove(Caller caller, ChatId chat,
                                                            MessageId message) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        run_locking(connection, delete_statement, caller.workspace, caller.user, chat, message);
    return to_message_outcome(rows[0][0].c_str());
  });
}

awaitable<ListedEdits> PostgresMessageRepository::history(Caller caller, ChatId chat,
                                                          MessageId message, KeyPage page) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows = connection.run(select_history, caller.workspace, caller.user, chat, message,
                                     page.before, page.limit);
    return to_history(rows, static_cast<std::size_t>(page.limit));
  });
}

awaitable<FoundMessage> PostgresMessageRepository::find(Caller caller, ChatId chat,
                                                        MessageId message) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows = connection.run(select_one, caller.workspace, caller.user, chat, message);
    if (rows.empty()) return FoundMessage{};
    if (rows[0]["id"].is_null()) return FoundMessage{MessageOutcome::no_such_message, {}};
    return FoundMessage{MessageOutcome::done, to_message(rows[0], caller.user)};
  });
}

awaitable<ListedMessages> PostgresMessageRepository::list(Caller caller, ChatId chat,
                                                          MessagePage page) {
  co_return co_await database_.read([&](Connection& connection) {
    using Range = MessagePage::Range;
    std::optional<std::int64_t> anchor;
    if (page.range != Range::newest) anchor = page.anchor.value;
    if (page.range == Range::around_seq) anchor = page.anchor_seq;
    const auto rows = connection.run(statement_of(page.range), caller.workspace, caller.user, chat,
                                     anchor, page.limit);
    return to_page(rows, page.range, caller.user);
  });
}

}  // namespace fechatter::server
