#include "fechatter_server/draft/drafts.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/draft/draft_json.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_refusals.hpp"
#include "fechatter_server/message/messages.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement put_statement{"put_draft",
                              "SELECT outcome, (draft).* FROM put_draft($1, $2, $3, $4, $5)"};

// A row without a draft: the caller is a member, and there is none.
const Statement select_draft{"select_draft", R"(
SELECT d.*
FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
LEFT JOIN draft_rows d ON d.chat_id = m.chat_id AND d.user_id = m.user_id
WHERE m.chat_id = $3 AND m.user_id = $2 AND m.workspace_id = $1)"};

// One more than the page holds.
const Statement select_drafts{"select_drafts", R"(
SELECT d.*
FROM draft_rows d JOIN chats c ON c.id = d.chat_id AND c.deleted_at IS NULL
WHERE d.user_id = $2 AND d.workspace_id = $1 AND d.body IS NOT NULL
  AND ($3::bigint IS NULL OR d.version < $3)
ORDER BY d.version DESC LIMIT $4::bigint + 1)"};

// As put_draft says it.
struct PutOutcome {
  std::string outcome;
  ChangedDraft changed;
};
bool wrote_event(const PutOutcome& put) {
  return put.outcome == "done";
}

Draft to_saved_draft(const pqxx::row& row, ChatId chat) {
  Draft draft;
  draft.chat_id = chat;
  if (row["version"].is_null()) return draft;
  draft.version = row["version"].as<std::int64_t>();
  if (draft.version > 0) draft.updated_at = to_time(row["updated_at"]);
  if (!row["body"].is_null()) draft.message = to_draft(row["body"].c_str());
  return draft;
}

void require_outcome(const std::string& outcome) {
  if (outcome == "done" || outcome == "outdated") return;
  if (outcome == "not_found") throw no_such_chat();
  if (outcome == "unknown_reply_to") {
    throw invalid_field("reply_to", "is no message of this chat");
  }
  throw_unknown("draft outcome", outcome);
}

// Nullopt: the draft ends.
std::optional<std::string> body_of(const MessageDraft& message) {
  if (message.content.empty() && message.files.empty()) return std::nullopt;
  MessageDraft kept;
  kept.content = message.content;
  kept.files = message.files;
  kept.reply_to = message.reply_to;
  auto body = to_json(kept);
  body.erase("mentions");  // the server finds them when the message is sent
  return body.dump();
}

}  // namespace

awaitable<ChangedDraft> Drafts::put(Caller caller, ChatId chat, MessageDraft message,
                                    std::optional<std::int64_t> known_version) {
  message.mentions.clear();
  require_size(message, 0);
  const auto body = body_of(message);
  const auto used_up = body ? quotas_.find_used_up(caller) : std::nullopt;
  if (used_up) throw quota_exceeded(*used_up);
  const auto put = co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(put_statement, caller.workspace, caller.user, chat, body, known_version);
    PutOutcome result{rows[0]["outcome"].as<std::string>(), {}};
    result.changed = {result.outcome == "outdated", to_saved_draft(rows[0], chat)};
    return result;
  });
  require_outcome(put.outcome);
  co_return put.changed;
}

awaitable<Draft> Drafts::get(Caller caller, ChatId chat) {
  const auto found = co_await database_.read([&](Connection& connection) -> std::optional<Draft> {
    const auto rows = connection.run(select_draft, caller.workspace, caller.user, chat);
    if (rows.empty()) return std::nullopt;
    return to_saved_draft(rows[0], chat);
  });
  if (!found) throw no_such_chat();
  co_return *found;
}

awaitable<DraftList> Drafts::list(Caller caller, std::optional<std::int64_t> before,
                                  std::size_t limit) {
  co_return co_await database_.read([&](Connection& connection) {
    DraftList list;
    PageBudget budget;
    for (const auto& row :
         connection.run(select_drafts, caller.workspace, caller.user, before, limit)) {
      auto draft = to_saved_draft(row, to_id<ChatId>(row["chat_id"]));
      if (list.drafts.size() == limit || !budget.admit(json_size(draft))) {
        list.next = list.drafts.back().version;
        break;
      }
      list.drafts.push_back(std::move(draft));
    }
    return list;
  });
}

}  // namespace fechatter::server
