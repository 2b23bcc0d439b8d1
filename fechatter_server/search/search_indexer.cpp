#include "fechatter_server/search/search_indexer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* queue_name = "search";
constexpr milliseconds pause_min{200};
constexpr milliseconds pause_max{5000};
// It rests three times as long as it has worked: sending goes first, and the more messages there
// are the more are taken at once. So it has at most a quarter of a processor, which is enough for
// about a thousand messages a second.
constexpr int rest_for_work = 3;
constexpr milliseconds rest_max{250};

Timestamp moment_of(const json& data, const char* name) {
  const auto moment = parse_rfc3339(data.at(name).get_ref<const std::string&>());
  if (!moment) throw std::invalid_argument{std::string{name} + " is no time"};
  return *moment;
}

IndexedMessage deleted_message(const json& data) {
  IndexedMessage message;
  message.deleted = true;
  message.version = moment_of(data, "deleted_at");
  message.created_at = message.version;
  return message;
}

IndexedMessage written_message(const json& data) {
  IndexedMessage message;
  message.content = data.at("content");
  message.files = data.at("files");
  message.created_at = moment_of(data, "created_at");
  message.version =
      data.at("edited_at").is_null() ? message.created_at : moment_of(data, "edited_at");
  return message;
}

}  // namespace

std::optional<IndexedMessage> indexed_message_of(std::string_view bytes) {
  const auto envelope = event::parse_envelope(bytes);
  const bool deletes = envelope.type == "MessageDeleted";
  if (!deletes && envelope.type != "NewMessage" && envelope.type != "MessageUpdated") {
    return std::nullopt;
  }
  try {
    const auto data = json::parse(envelope.data);
    auto message = deletes ? deleted_message(data) : written_message(data);
    message.id = MessageId{data.at("id").get<std::int64_t>()};
    message.workspace_id = envelope.workspace_id;
    message.chat_id = envelope.chat_id;
    message.sender_id = UserId{data.at("sender_id").get<std::int64_t>()};
    return message;
  } catch (const json::exception& error) {
    throw std::invalid_argument{error.what()};
  }
}

SearchIndexer::SearchIndexer(IndexerSettings settings, SearchIndex& index)
    : settings_{std::move(settings)}, index_{index} {
  thread_ = std::thread{[this] { run(); }};
}

SearchIndexer::~SearchIndexer() {
  stop_.stop();
  thread_.join();
}

void SearchIndexer::run() {
  auto pause = pause_min;
  std::string last_trouble;
  while (!stop_.stopped()) {
    try {
      nats::Connection connection{settings_.nats};
      serve(connection);
    } catch (const std::exception& error) {
      if (last_trouble != error.what()) spdlog::warn("search indexer: {}", error.what());
      pause = last_trouble == error.what() ? std::min(pause * 2, pause_max) : pause_min;
      last_trouble = error.what();
    }
    stop_.pause(pause);
  }
}

// Until the indexer stops.
void SearchIndexer::serve(nats::Connection& connection) {
  nats::WorkQueue queue{connection, queue_name, settings_.patience};
  nats::WorkQueue::Appetite appetite;
  appetite.enough = settings_.batch_size;
  appetite.gather = settings_.batch_timeout;
  appetite.count_max = settings_.batch_max;
  while (!stop_.stopped()) {
    auto items = queue.take(appetite);
    if (!connection.alive()) throw nats::Failure{"search indexer", NATS_CONNECTION_CLOSED};
    if (items.empty()) continue;
    const auto began = Clock::now();
    index(queue, std::move(items));
    const auto worked = std::chrono::ceil<milliseconds>(Clock::now() - began);
    stop_.pause(std::min(worked * rest_for_work, rest_max));
  }
}

void SearchIndexer::index(nats::WorkQueue& queue, std::vector<Item> items) {
  std::vector<Item> sound;
  std::vector<IndexedMessage> messages;
  for (auto& item : items) {
    try {
      auto message = indexed_message_of(item.message.data);
      if (!message) {
        queue.done(item);
        continue;
      }
      messages.push_back(std::move(*message));
      sound.push_back(std::move(item));
    } catch (const std::invalid_argument& error) {
      spdlog::error("search indexer: event {} is put aside: {}", item.message.message_id,
                    error.what());
      queue.bury(item, error.what());
    }
  }
  if (sound.empty()) return;
  try {
    index_.apply(messages);
  } catch (const IndexRefusal&) {
    index_one_by_one(queue, sound, messages);
    return;
  } catch (const std::exception&) {
    for (const auto& item : sound) queue.again_after(item, pause_min);
    throw;
  }
  for (const auto& item : sound) queue.done(item);
}

// One of them is refused, and the others are not to wait for it.
void SearchIndexer::index_one_by_one(nats::WorkQueue& queue, const std::vector<Item>& items,
                                     const std::vector<IndexedMessage>& messages) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    try {
      index_.apply({messages[i]});
      queue.done(items[i]);
    } catch (const IndexRefusal& refusal) {
      spdlog::error("search indexer: event {} is put aside: {}", items[i].message.message_id,
                    refusal.what());
      queue.bury(items[i], refusal.what());
    }
  }
}

}  // namespace fechatter::server
