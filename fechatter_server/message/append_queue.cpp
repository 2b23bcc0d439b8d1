#include "fechatter_server/message/append_queue.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "fechatter_core/error.hpp"
#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_rows.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using postgres::Connection;

const postgres::Statement append_statement{
    "append_messages",
    "SELECT ord, outcome, (message).*, CASE WHEN (message).reactions_cut"
    " THEN my_reactions((message).id, (message).sender_id) END AS my_reactions"
    " FROM append_messages($1::json, $2::boolean)"};

// The draft's fields, with those that append_messages needs to place it.
json to_item(const AppendRequest& request, std::size_t ord) {
  auto item = to_json(request.draft);
  item["ord"] = ord;
  item["workspace_id"] = request.sender.workspace.value;
  item["chat_id"] = request.chat_id.value;
  item["sender_id"] = request.sender.user.value;
  if (request.draft.idempotency_key) item["request_hash"] = request.request_hash;
  if (!request.places.empty()) item["candidates"] = to_json(request.places);
  if (request.draft.is_scheduled) item["is_scheduled"] = true;
  if (request.trace.sampled) item["trace"] = to_traceparent(request.trace);
  if (request.used_up) {
    item["over_quota"] = *request.used_up == UsedUp::user ? "quota_user" : "quota_workspace";
  }
  return item;
}

AppendOutcome::Kind to_kind(std::string_view outcome) {
  using Kind = AppendOutcome::Kind;
  if (outcome == "created") return Kind::created;
  if (outcome == "replayed") return Kind::replayed;
  if (outcome == "key_reused") return Kind::key_reused;
  if (outcome == "not_a_member") return Kind::not_a_member;
  if (outcome == "unknown_reply_to") return Kind::unknown_reply_to;
  if (outcome == "unknown_file") return Kind::unknown_file;
  if (outcome == "mention_outside") return Kind::mention_outside;
  if (outcome == "range_outside") return Kind::range_outside;
  if (outcome == "everyone_forbidden") return Kind::everyone_forbidden;
  if (outcome == "everyone_unconfirmed") return Kind::everyone_unconfirmed;
  if (outcome == "archived") return Kind::archived;
  if (outcome == "read_only") return Kind::read_only;
  if (outcome == "quota_user") return Kind::quota_user;
  if (outcome == "quota_workspace") return Kind::quota_workspace;
  if (outcome == "busy") return Kind::busy;
  throw std::runtime_error{"unknown outcome: " + std::string{outcome}};
}

// What one batch did, for the relay.
struct BatchOutcome {
  bool wrote_events = false;
};
bool wrote_event(const BatchOutcome& outcome) {
  return outcome.wrote_events;
}

std::exception_ptr shutting_down() {
  return std::make_exception_ptr(Error{ErrorCode::draining, "The server is shutting down."});
}

std::exception_ptr overloaded() {
  return std::make_exception_ptr(
      Error{ErrorCode::overloaded, "Too many messages wait to be stored."});
}

// Connecting and planning the function's statements takes some 30 ms, which no sender waits for
// when it happens at start. When the database is away the first batch connects.
void warm_up(Connection& connection, bool slow) {
  try {
    connection.run(append_statement, "[]", slow);
  } catch (const std::exception& error) {
    spdlog::debug("append queue: not connected yet: {}", error.what());
  }
}

}  // namespace

AppendQueue::AppendQueue(AppendSettings settings, RelayWaker relay)
    : settings_{std::move(settings)}, relay_{relay} {
  const auto start = [this](std::vector<std::unique_ptr<Lane>>& lanes, std::size_t count,
                            bool slow) {
    for (std::size_t i = 0; i < count; ++i) {
      auto& lane = *lanes.emplace_back(std::make_unique<Lane>());
      lane.thread = std::thread{[this, &lane, slow] { serve(lane, slow); }};
    }
  };
  start(slow_lanes_, settings_.slow_writers, true);
  start(lanes_, settings_.writers, false);
}

AppendQueue::~AppendQueue() {
  for (auto& lane : lanes_) stop(*lane);
  for (auto& lane : slow_lanes_) stop(*lane);
}

void AppendQueue::stop(Lane& lane) {
  {
    const std::lock_guard lock{lane.mutex};
    lane.stopping = true;
  }
  lane.wake.notify_one();
  lane.thread.join();
  for (auto& item : lane.waiting) item.completion(shutting_down(), AppendOutcome{});
}

std::size_t AppendQueue::waiting() const {
  std::size_t count = 0;
  for (const auto* lanes : {&lanes_, &slow_lanes_}) {
    for (const auto& lane : *lanes) {
      const std::lock_guard lock{lane->mutex};
      count += lane->waiting.size();
    }
  }
  return count;
}

awaitable<AppendOutcome> AppendQueue::append(AppendRequest request) {
  auto start = [this](AppendRequest item, Completion completion) {
    push(std::move(item), std::move(completion));
  };
  return await_completion<AppendOutcome>(std::move(request), std::move(start));
}

void AppendQueue::push(AppendRequest request, Completion completion) {
  auto& lane = *lanes_[static_cast<std::size_t>(request.chat_id.value) % lanes_.size()];
  Item item{std::move(request), std::move(completion)};
  if (item.request.trace.sampled) {
    item.span = observability::Tracer::begin_child(item.request.trace);
  }
  enqueue(lane, std::move(item));
}

void AppendQueue::enqueue(Lane& lane, Item item) {
  std::unique_lock lock{lane.mutex};
  if (!lane.stopping && lane.waiting.size() < settings_.queue_max) {
    lane.waiting.push_back(std::move(item));
    lock.unlock();
    lane.wake.notify_one();
    return;
  }
  const auto refusal = lane.stopping ? shutting_down() : overloaded();
  lock.unlock();
  item.completion(refusal, AppendOutcome{});
}

void AppendQueue::serve(Lane& lane, bool slow) {
  Connection connection{settings_.database_url, settings_.options};
  warm_up(connection, slow);
  while (true) {
    auto batch = next_batch(lane, slow);
    if (batch.empty()) return;
    write_batch(connection, std::move(batch), slow);
  }
}

// The waiting requests, up to batch_max; empty when the lane stops. Requests with the same
// idempotency key never share a batch, since the second must see the first. A batch of a slow lane
// has one chat.
AppendQueue::Batch AppendQueue::next_batch(Lane& lane, bool slow) const {
  std::unique_lock lock{lane.mutex};
  lane.wake.wait(lock, [&] { return lane.stopping || !lane.waiting.empty(); });
  Batch batch;
  if (lane.stopping) return batch;
  std::set<std::tuple<ChatId, UserId, std::string>> keys;
  const auto chat = lane.waiting.front().request.chat_id;
  std::deque<Item> left;
  while (!lane.waiting.empty() && batch.size() < settings_.batch_max) {
    auto item = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    const auto& request = item.request;
    const auto& key = request.draft.idempotency_key;
    const bool repeats = key && !keys.emplace(request.chat_id, request.sender.user, *key).second;
    if (repeats || (slow && request.chat_id != chat)) {
      left.push_back(std::move(item));
    } else {
      batch.push_back(std::move(item));
    }
  }
  while (!left.empty()) {
    lane.waiting.push_front(std::move(left.back()));
    left.pop_back();
  }
  return batch;
}

void AppendQueue::write_batch(Connection& connection, Batch batch, bool slow) {
  json requests = json::array();
  for (std::size_t i = 0; i < batch.size(); ++i) requests.push_back(to_item(batch[i].request, i));
  BatchOutcome written;
  counts_.batch_sizes.observe(batch.size());
  try {
    const observability::Stopwatch stopwatch;
    const auto rows = connection.run(append_statement, requests.dump(), slow);
    stopwatch.observe(counts_.commit_times);
    for (const auto& row : rows) {
      AppendOutcome outcome{to_kind(row["outcome"].c_str()), std::nullopt};
      auto& item = batch[row["ord"].as<std::size_t>()];
      if (!row["id"].is_null()) outcome.message = to_message(row, item.request.sender.user);
      written.wrote_events = written.wrote_events || wrote_event(outcome);
      if (outcome.kind == AppendOutcome::Kind::created) counts_.created.add();
      settle(item, std::move(outcome), slow);
    }
  } catch (const pqxx::sql_error& error) {
    if (is_lock_timeout(error)) {
      // One locked chat stopped the whole batch, which is not retried on this writer.
      for (auto& item : batch) settle(item, {AppendOutcome::Kind::busy, {}}, true);
      return;
    }
    counts_.failed.add();
    if (batch.size() > 1) return write_one_by_one(connection, batch, slow);
    batch[0].completion(std::current_exception(), AppendOutcome{});
  } catch (...) {
    counts_.failed.add();
    // The batch may or may not be stored: a client that sent a key may safely retry.
    for (auto& item : batch) {
      if (item.completion) item.completion(std::current_exception(), AppendOutcome{});
    }
  }
  relay_.after(written);
}

// An error of one request must not fail the others.
void AppendQueue::write_one_by_one(Connection& connection, Batch& batch, bool slow) {
  for (auto& item : batch) {
    if (!item.completion) continue;
    Batch alone;
    alone.push_back(std::move(item));
    write_batch(connection, std::move(alone), slow);
  }
}

void AppendQueue::settle(Item& item, AppendOutcome outcome, bool slow) {
  auto completion = std::exchange(item.completion, nullptr);
  if (outcome.kind == AppendOutcome::Kind::busy && !slow) {
    counts_.slow.add();
    const auto index = static_cast<std::size_t>(item.request.chat_id.value) % slow_lanes_.size();
    enqueue(*slow_lanes_[index], {std::move(item.request), std::move(completion), item.span});
  } else {
    record(item, outcome);
    completion(nullptr, std::move(outcome));
  }
}

// From the hand-over to the commit: the wait for the writer is in it.
void AppendQueue::record(const Item& item, const AppendOutcome& outcome) const {
  if (!settings_.tracer || !item.span.context.sampled) return;
  const bool created = outcome.kind == AppendOutcome::Kind::created;
  settings_.tracer->record({item.span.context,
                            item.span.parent,
                            observability::SpanKind::internal,
                            "append message",
                            item.span.start_ns,
                            observability::now_ns(),
                            {{"fechatter.message.created", created ? "true" : "false"}}});
}

}  // namespace fechatter::server
