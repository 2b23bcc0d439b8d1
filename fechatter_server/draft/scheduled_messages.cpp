#include "fechatter_server/draft/scheduled_messages.hpp"

#include <fmt/format.h>

#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/draft/draft_json.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_mentions.hpp"
#include "fechatter_server/message/message_refusals.hpp"
#include "fechatter_server/message/messages.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement schedule_statement{
    "schedule_message",
    "SELECT outcome, (scheduled).* FROM schedule_message($1, $2, $3, $4, $5, $6)"};

const Statement change_statement{
    "change_scheduled",
    "SELECT outcome, (scheduled).* FROM change_scheduled($1, $2, $3, $4, $5, $6, $7)"};

const Statement cancel_statement{"cancel_scheduled", "SELECT cancel_scheduled($1, $2, $3)"};

// One more than the page holds.
const Statement select_scheduled{"select_scheduled", R"(
SELECT s.* FROM scheduled_rows s
WHERE s.user_id = $2 AND s.workspace_id = $1 AND s.id > $3
ORDER BY s.id LIMIT $4::bigint + 1)"};

const Statement claim_statement{"claim_scheduled",
                                "SELECT (scheduled).*, tried FROM claim_scheduled($1, $2)"};

const Statement settle_statement{"settle_scheduled", "SELECT settle_scheduled($1)"};

const Statement release_statement{"release_scheduled", "SELECT release_scheduled($1, $2, $3)"};

const Statement fail_statement{"fail_scheduled", "SELECT fail_scheduled($1, $2, $3)"};

// Whether a change wrote an event, for the relay.
struct Emitted {
  bool event = false;
};
bool wrote_event(const Emitted& emitted) {
  return emitted.event;
}

// The outcomes of changes that have no event.
struct Stored {
  std::string outcome;
  ScheduledMessage message;
};
bool wrote_event(const Stored&) {
  return false;
}
struct Claimed {
  std::vector<DueMessage> due;
};
bool wrote_event(const Claimed&) {
  return false;
}

// A row whose message cannot be read hides no other row: it fails, and its user sees that.
void read_body(ScheduledMessage& scheduled, const pqxx::row& row) {
  try {
    scheduled.message = to_draft(row["body"].c_str());
  } catch (const std::exception&) {
    scheduled.failure = SendFailure{"server.internal", "The server cannot read this message."};
  }
}

ScheduledMessage to_scheduled(const pqxx::row& row) {
  ScheduledMessage scheduled;
  scheduled.id = to_id<ScheduledMessageId>(row["id"]);
  scheduled.sender = {to_id<WorkspaceId>(row["workspace_id"]), to_id<UserId>(row["user_id"])};
  scheduled.chat_id = to_id<ChatId>(row["chat_id"]);
  read_body(scheduled, row);
  scheduled.message.idempotency_key = find_text(row["idempotency_key"]);
  scheduled.message.is_scheduled = true;
  scheduled.send_at = to_time(row["send_at"]);
  scheduled.created_at = to_time(row["created_at"]);
  if (!row["failure_code"].is_null()) {
    scheduled.failure =
        SendFailure{row["failure_code"].as<std::string>(), row["failure_detail"].as<std::string>()};
  }
  return scheduled;
}

Stored to_stored(const pqxx::row& row) {
  Stored stored{row["outcome"].as<std::string>(), {}};
  if (stored.outcome == "done") stored.message = to_scheduled(row);
  return stored;
}

Error no_such_scheduled() {
  return Error{ErrorCode::scheduled_not_found, "There is no such scheduled message."};
}

Error too_large() {
  const auto detail =
      fmt::format("content, files and mentions may have {} bytes as JSON", message_bytes_max);
  return Error{ErrorCode::message_too_large, "content: " + detail + ".", {{"content", detail}}};
}

// Of both schedule_message and change_scheduled; 'not_found' is theirs.
void require_done(const std::string& outcome) {
  if (outcome == "done") return;
  if (outcome == "archived") throw chat_archived();
  if (outcome == "read_only") throw chat_read_only();
  if (outcome == "past") throw invalid_field("send_at", "is in the past");
  if (outcome == "too_late") throw invalid_field("send_at", "is more than a year ahead");
  if (outcome == "unknown_reply_to") {
    throw invalid_field("reply_to", "is no message of this chat");
  }
  if (outcome == "mention_outside") {
    throw invalid_field("mentions", "may name members of this chat only");
  }
  if (outcome == "no_reply") {
    throw invalid_field("also_to_chat", "may be false for a reply only");
  }
  if (outcome == "empty") throw invalid_field("content", "is required when there is no file");
  if (outcome == "too_large") throw too_large();
  if (outcome == "full") {
    throw Error{ErrorCode::too_many_scheduled,
                fmt::format("{} of your messages wait already.", scheduled_max)};
  }
  if (outcome == "sending") {
    throw Error{ErrorCode::scheduled_being_sent, "This message is being sent."};
  }
  throw_unknown("scheduled message outcome", outcome);
}

std::optional<std::int64_t> micros(const std::optional<Timestamp>& moment) {
  return moment ? std::optional{to_unix_micros(*moment)} : std::nullopt;
}

}  // namespace

void ScheduledMessages::require_storage(Caller caller) const {
  if (const auto used_up = quotas_.find_used_up(caller)) throw quota_exceeded(*used_up);
}

awaitable<ScheduledMessage> ScheduledMessages::schedule(Caller caller, ChatId chat,
                                                        MessageDraft message, Timestamp send_at) {
  require_storage(caller);
  check(message);
  require_size(message, mention_places(message.content, message.mention_ranges).size());
  message.idempotency_key.reset();  // it is the id
  auto stored = co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(schedule_statement, caller.workspace, caller.user, chat,
                       to_json(message).dump(), to_unix_micros(send_at), scheduled_max);
    return to_stored(rows[0]);
  });
  if (stored.outcome == "not_found") throw no_such_chat();
  require_done(stored.outcome);
  co_return std::move(stored.message);
}

awaitable<ScheduledMessage> ScheduledMessages::change(Caller caller, ScheduledMessageId id,
                                                      nlohmann::json patch,
                                                      std::optional<Timestamp> send_at) {
  require_storage(caller);
  auto stored = co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(change_statement, caller.workspace, caller.user, id, patch.dump(),
                       micros(send_at), message_bytes_max, scheduled_max);
    return to_stored(rows[0]);
  });
  if (stored.outcome == "not_found") throw no_such_scheduled();
  require_done(stored.outcome);
  co_return std::move(stored.message);
}

awaitable<> ScheduledMessages::cancel(Caller caller, ScheduledMessageId id) {
  const auto stored = co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(cancel_statement, caller.workspace, caller.user, id);
    return Stored{rows[0][0].as<std::string>(), {}};
  });
  if (stored.outcome == "not_found") throw no_such_scheduled();
  require_done(stored.outcome);
}

awaitable<ScheduledMessageList> ScheduledMessages::list(Caller caller, ScheduledMessageId after,
                                                        std::size_t limit) {
  co_return co_await database_.read([&](Connection& connection) {
    ScheduledMessageList list;
    PageBudget budget;
    for (const auto& row :
         connection.run(select_scheduled, caller.workspace, caller.user, after, limit)) {
      auto scheduled = to_scheduled(row);
      if (list.messages.size() == limit || !budget.admit(json_size(scheduled))) {
        list.next = list.messages.back().id;
        break;
      }
      list.messages.push_back(std::move(scheduled));
    }
    return list;
  });
}

awaitable<std::vector<DueMessage>> ScheduledMessages::claim(int slice, std::chrono::seconds lease) {
  auto claimed = co_await database_.change([&](Connection& connection) {
    Claimed result;
    for (const auto& row : connection.run(claim_statement, slice, lease.count())) {
      result.due.push_back({to_scheduled(row), row["tried"].as<int>()});
    }
    return result;
  });
  co_return std::move(claimed.due);
}

awaitable<> ScheduledMessages::settle(ScheduledMessageId id) {
  co_await database_.change([&](Connection& connection) {
    connection.run(settle_statement, id);
    return Emitted{};
  });
}

awaitable<> ScheduledMessages::release(ScheduledMessageId id, int tries,
                                       std::chrono::seconds time) {
  co_await database_.change([&](Connection& connection) {
    connection.run(release_statement, id, tries, time.count());
    return Emitted{};
  });
}

awaitable<> ScheduledMessages::fail(ScheduledMessageId id, SendFailure failure) {
  co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(fail_statement, id, failure.code, failure.detail);
    return Emitted{rows[0][0].as<bool>()};
  });
}

}  // namespace fechatter::server
