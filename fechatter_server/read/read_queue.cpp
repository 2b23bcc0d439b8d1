#include "fechatter_server/read/read_queue.hpp"

#include <spdlog/spdlog.h>

#include <set>
#include <utility>

#include "fechatter_core/error.hpp"
#include "fechatter_server/read/read_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;

const postgres::Statement read_chats_statement{"read_chats",
                                               "SELECT * FROM read_chats($1, $2, $3, $4, $5)"};

// The parallel arrays of read_chats; 0: the request does not have it.
struct Columns {
  std::vector<WorkspaceId> workspaces;
  std::vector<UserId> readers;
  std::vector<ChatId> chats;
  std::vector<MessageId> messages;
  std::vector<std::int64_t> seqs;

  void add(const ReadRequest& request) {
    workspaces.push_back(request.caller.workspace);
    readers.push_back(request.caller.user);
    chats.push_back(request.chat);
    messages.push_back(request.target.message.value_or(MessageId{}));
    seqs.push_back(request.target.seq.value_or(0));
  }
};

// What one batch did, for the relay.
struct StoredReads {
  bool wrote_events = false;
};
bool wrote_event(const StoredReads& stored) {
  return stored.wrote_events;
}

pqxx::result read_chats(Connection& connection, const Columns& columns) {
  return connection.run(read_chats_statement, columns.workspaces, columns.readers, columns.chats,
                        columns.messages, columns.seqs);
}

// As in the append queue: no reader waits for connecting and planning.
void warm_up(Connection& connection) {
  try {
    read_chats(connection, {});
  } catch (const std::exception& error) {
    spdlog::debug("read queue: not connected yet: {}", error.what());
  }
}

std::exception_ptr refusal(bool stopping) {
  const auto error = stopping ? Error{ErrorCode::draining, "The server is shutting down."}
                              : Error{ErrorCode::overloaded, "Too many reads wait to be stored."};
  return std::make_exception_ptr(error);
}

}  // namespace

ReadQueue::ReadQueue(ReadQueueSettings settings, RelayWaker relay)
    : settings_{std::move(settings)}, relay_{relay}, thread_{[this] { serve(); }} {}

ReadQueue::~ReadQueue() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  for (auto& item : waiting_) item.completion(refusal(true), Outcome{});
}

awaitable<ReadQueue::Outcome> ReadQueue::read(ReadRequest request) {
  auto start = [this](ReadRequest item, Completion completion) {
    push(item, std::move(completion));
  };
  return await_completion<Outcome>(request, std::move(start));
}

void ReadQueue::push(ReadRequest request, Completion completion) {
  std::unique_lock lock{mutex_};
  if (!stopping_ && waiting_.size() < settings_.queue_max) {
    waiting_.push_back({request, std::move(completion)});
    lock.unlock();
    wake_.notify_one();
    return;
  }
  const auto error = refusal(stopping_);
  lock.unlock();
  completion(error, Outcome{});
}

void ReadQueue::serve() {
  Connection connection{settings_.database_url, settings_.options};
  warm_up(connection);
  while (true) {
    auto batch = next_batch();
    if (batch.empty()) return;
    store(connection, batch);
  }
}

// The waiting reads, up to batch_max; empty when the queue ends. Those of the same member in the
// same chat never share a batch.
ReadQueue::Batch ReadQueue::next_batch() {
  std::unique_lock lock{mutex_};
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  Batch batch;
  if (stopping_) return batch;
  std::set<std::pair<ChatId, UserId>> members;
  std::deque<Item> left;
  while (!waiting_.empty() && batch.size() < settings_.batch_max) {
    auto item = std::move(waiting_.front());
    waiting_.pop_front();
    const bool repeats = !members.emplace(item.request.chat, item.request.caller.user).second;
    if (repeats) {
      left.push_back(std::move(item));
    } else {
      batch.push_back(std::move(item));
    }
  }
  while (!left.empty()) {
    waiting_.push_front(std::move(left.back()));
    left.pop_back();
  }
  return batch;
}

void ReadQueue::store(Connection& connection, Batch& batch) {
  std::exception_ptr failure;
  try {
    store_batch(connection, batch);
  } catch (const Error&) {
    failure = std::current_exception();
  } catch (const std::exception& error) {
    spdlog::debug("{} reads are made alone: {}", batch.size(), error.what());
  }
  for (auto& item : batch) {
    if (item.completion) item.completion(failure, Outcome{});
  }
}

void ReadQueue::store_batch(Connection& connection, Batch& batch) {
  Columns columns;
  for (const auto& item : batch) columns.add(item.request);
  const auto rows = read_chats(connection, columns);
  bool wrote_events = false;
  for (const auto& row : rows) {
    auto& item = batch[row["ord"].as<std::size_t>() - 1];
    wrote_events = wrote_events || row["emitted"].as<bool>();
    Outcome outcome;
    if (std::string_view{row["outcome"].c_str()} != "alone") {
      outcome = to_moved_read(item.request.chat, row);
    }
    auto completion = std::exchange(item.completion, nullptr);
    completion(nullptr, outcome);
  }
  relay_.after(StoredReads{wrote_events});
}

}  // namespace fechatter::server
