#include "fechatter_server/search/search_indexer.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

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
  if (const auto found = data.find("attachments"); found != data.end()) {
    for (const auto& file : *found) message.file_names.push_back(file.at("name"));
  }
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

SearchIndexer::SearchIndexer(const nats::WorkerSettings& settings, SearchIndex& index)
    : index_{index}, worker_{settings, *this} {}

std::vector<nats::RefusedEvent> SearchIndexer::handle(
    const std::vector<event::StreamMessage>& events) {
  std::vector<nats::RefusedEvent> refused;
  std::vector<IndexedMessage> messages;
  for (std::size_t i = 0; i < events.size(); ++i) {
    try {
      if (auto message = indexed_message_of(events[i].data))
        messages.push_back(std::move(*message));
    } catch (const std::invalid_argument& error) {
      refused.push_back({i, error.what()});
    }
  }
  try {
    if (!messages.empty()) index_.apply(messages);
  } catch (const IndexRefusal& refusal) {
    throw nats::EventRefusal{refusal.what()};
  }
  return refused;
}

}  // namespace fechatter::server
