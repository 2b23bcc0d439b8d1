#include "fechatter_server/message/append_queue.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "fechatter_core/error.hpp"
#include "fechatter_server/message/message_rows.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using postgres::Connection;

const postgres::Statement append_statement{
    "append_messages",
    "SELECT ord, outcome, (message).* FROM append_messages($1::json, $2::boolean)"};

json to_json(const AppendRequest& request, std::size_t ord) {
  const auto& draft = request.draft;
  json mentions = json::array();
  for (const auto user : draft.mentions) mentions.push_back(user.value);
  json item{{"ord", ord},
            {"workspace_id", request.workspace_id.value},
            {"chat_id", request.chat_id.value},
            {"sender_id", request.sender_id.value},
            {"content", draft.content},
            {"files", draft.files},
            {"mentions", std::move(mentions)}};
  if (draft.reply_to) item["reply_to"] = draft.reply_to->value;
  if (draft.idempotency_key) {
    item["idempotency_key"] = *draft.idempotency_key;
    item["request_hash"] = request.request_hash;
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
  if (outcome == "mention_outside") return Kind::mention_outside;
  return Kind::busy;
}

std::exception_ptr shutting_down() {
  return std::make_exception_ptr(Error{ErrorCode::draining, "The server is shutting down."});
}

std::exception_ptr overloaded() {
  return std::make_exception_ptr(
      Error{ErrorCode::overloaded, "Too many messages wait to be stored."});
}

bool is_lock_timeout(const pqxx::sql_error& error) {
  return error.sqlstate() == "55P03";
}

// To connect, and to plan what the function does, takes some 30 ms that no sender needs to wait
// for. Without a database nothing is lost: the first batch connects.
void make_ready(Connection& connection, bool slow) {
  try {
    connection.run(append_statement, "[]", slow);
  } catch (const std::exception& error) {
    spdlog::debug("append: not connected yet: {}", error.what());
  }
}

}  // namespace

AppendQueue::AppendQueue(AppendSettings settings, std::function<void()> committed)
    : settings_{std::move(settings)}, committed_{std::move(committed)} {
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
  for (auto& item : lane.waiting) item.done(shutting_down(), {});
}

void AppendQueue::push(AppendRequest request, Done done) {
  auto& lane = *lanes_[static_cast<std::size_t>(request.chat_id.value) % lanes_.size()];
  enqueue(lane, {std::move(request), std::move(done)});
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
  item.done(refusal, {});
}

void AppendQueue::serve(Lane& lane, bool slow) {
  Connection connection{settings_.database_url, settings_.options};
  make_ready(connection, slow);
  while (true) {
    auto batch = take(lane, slow);
    if (batch.empty()) return;
    write(connection, std::move(batch), slow);
  }
}

// What waits, up to a batch; empty when the lane stops. Two requests with the same key never share
// a batch: the second one must see the first. The slow lane takes one chat at a time.
AppendQueue::Batch AppendQueue::take(Lane& lane, bool slow) const {
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
    const bool repeats = key && !keys.emplace(request.chat_id, request.sender_id, *key).second;
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

void AppendQueue::write(Connection& connection, Batch batch, bool slow) {
  json requests = json::array();
  for (std::size_t i = 0; i < batch.size(); ++i) requests.push_back(to_json(batch[i].request, i));
  bool created = false;
  try {
    const auto rows = connection.run(append_statement, requests.dump(), slow);
    for (const auto& row : rows) {
      AppendOutcome outcome{to_kind(row["outcome"].c_str()), std::nullopt};
      if (!row["id"].is_null()) outcome.message = to_message(row);
      created = created || outcome.kind == AppendOutcome::Kind::created;
      settle(batch[row["ord"].as<std::size_t>()], std::move(outcome), slow);
    }
  } catch (const pqxx::sql_error& error) {
    if (is_lock_timeout(error)) {
      // All of them waited for the same chat; one after the other they would wait for ever.
      for (auto& item : batch) settle(item, {AppendOutcome::Kind::busy, {}}, true);
      return;
    }
    if (batch.size() > 1) return write_one_by_one(connection, batch, slow);
    batch[0].done(std::current_exception(), {});
  } catch (...) {
    // Whether the batch was stored is not known: a client that sent a key may safely ask again.
    for (auto& item : batch) {
      if (item.done) item.done(std::current_exception(), {});
    }
  }
  if (created) committed_();
}

// One bad request must refuse itself only.
void AppendQueue::write_one_by_one(Connection& connection, Batch& batch, bool slow) {
  for (auto& item : batch) {
    if (!item.done) continue;
    Batch alone;
    alone.push_back(std::move(item));
    write(connection, std::move(alone), slow);
  }
}

void AppendQueue::settle(Item& item, AppendOutcome outcome, bool slow) {
  auto done = std::exchange(item.done, nullptr);
  if (outcome.kind == AppendOutcome::Kind::busy && !slow) {
    const auto index = static_cast<std::size_t>(item.request.chat_id.value) % slow_lanes_.size();
    enqueue(*slow_lanes_[index], {std::move(item.request), std::move(done)});
  } else {
    done(nullptr, std::move(outcome));
  }
}

}  // namespace fechatter::server
