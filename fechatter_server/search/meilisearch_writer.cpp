#include "fechatter_server/search/meilisearch_writer.hpp"

#include <spdlog/fmt/fmt.h>

#include <map>

#include "fechatter_server/search/meilisearch_documents.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

constexpr std::size_t batch_max = 1000;

// Whether all that is wanted is there; there may be more.
bool holds(const json& actual, const json& wanted) {
  if (!wanted.is_object()) return actual == wanted;
  if (!actual.is_object()) return false;
  for (const auto& [name, value] : wanted.items()) {
    const auto found = actual.find(name);
    if (found == actual.end() || !holds(*found, value)) return false;
  }
  return true;
}

// Each message once, by its newest version.
std::map<MessageId, const IndexedMessage*> newest_of(const std::vector<IndexedMessage>& messages) {
  std::map<MessageId, const IndexedMessage*> newest;
  for (const auto& message : messages) {
    auto*& kept = newest[message.id];
    if (kept == nullptr || kept->version <= message.version) kept = &message;
  }
  return newest;
}

}  // namespace

void MeilisearchWriter::make_index(const std::string& uid) {
  try {
    client_.await(client_.create_index(uid, "id"));
  } catch (const MeilisearchRefusal& refusal) {
    if (refusal.code() != "index_already_exists") throw;  // somebody else was quicker
  }
  mend_settings(uid);
}

void MeilisearchWriter::mend_settings(const std::string& uid) {
  const auto wanted = messages_settings();
  if (holds(client_.settings(uid), wanted)) return;
  client_.await(client_.update_settings(uid, wanted));
}

void MeilisearchWriter::drop_index(const std::string& uid) {
  try {
    client_.await(client_.delete_index(uid));
  } catch (const MeilisearchRefusal& refusal) {
    if (!refusal.is_missing_index()) throw;
  }
}

void MeilisearchWriter::swap_indexes(const std::string& one, const std::string& other) {
  client_.await(client_.swap_indexes(one, other));
}

std::optional<std::int64_t> MeilisearchWriter::built_version(const std::string& uid) {
  try {
    const auto marker = client_.find_document(uid, marker_id);
    return marker ? marker->value("index_version", std::int64_t{0}) : 0;
  } catch (const MeilisearchRefusal& refusal) {
    if (refusal.is_missing_index()) return std::nullopt;
    throw;
  }
}

void MeilisearchWriter::mark_built(const std::string& uid) {
  add(uid, json::array({marker_document()}));
}

void MeilisearchWriter::write(const std::string& uid, const std::vector<IndexedMessage>& messages) {
  std::vector<const IndexedMessage*> batch;
  for (const auto& [id, message] : newest_of(messages)) {
    batch.push_back(message);
    if (batch.size() < batch_max) continue;
    write_batch(uid, batch);
    batch.clear();
  }
  if (!batch.empty()) write_batch(uid, batch);
}

void MeilisearchWriter::write_batch(const std::string& uid,
                                    const std::vector<const IndexedMessage*>& batch) {
  std::vector<MessageId> ids;
  for (const auto* message : batch) ids.push_back(message->id);
  const auto known = versions(uid, ids);
  auto documents = json::array();
  for (const auto* message : batch) {
    const auto found = known.find(message->id.value);
    const bool late = found != known.end() && found->second > to_unix_micros(message->version);
    if (!late) documents.push_back(to_document(*message));
  }
  if (!documents.empty()) add(uid, documents);
}

void MeilisearchWriter::add(const std::string& uid, const json& documents) {
  try {
    client_.await(client_.add_documents(uid, documents));
  } catch (const MeilisearchRefusal& refusal) {
    if (refusal.is_about_documents()) throw IndexRefusal{refusal.what()};
    throw;
  }
}

void MeilisearchWriter::remove(const std::string& uid, const std::vector<MessageId>& messages) {
  std::vector<std::int64_t> ids;
  for (const auto id : messages) ids.push_back(id.value);
  client_.await(client_.delete_documents(uid, ids));
}

MeilisearchWriter::Versions MeilisearchWriter::versions(const std::string& uid,
                                                        const std::vector<MessageId>& ids) {
  const auto found = client_.documents(uid, ids_filter(ids), {"id", "version"}, ids.size());
  Versions versions;
  for (const auto& document : found) {
    versions[document.value("id", std::int64_t{0})] = document.value("version", std::int64_t{0});
  }
  return versions;
}

std::vector<StoredMessage> MeilisearchWriter::stored(const std::string& uid, MessageId from,
                                                     MessageId until) {
  const auto filter =
      fmt::format("id >= {} AND id < {} AND id != {}", from.value, until.value, marker_id);
  const auto limit = static_cast<std::size_t>(until.value - from.value);
  std::vector<StoredMessage> messages;
  for (const auto& document : client_.documents(uid, filter, {"id", "version", "deleted"}, limit)) {
    messages.push_back({MessageId{document.value("id", std::int64_t{0})},
                        from_unix_micros(document.value("version", std::int64_t{0})),
                        document.value("deleted", false)});
  }
  return messages;
}

std::int64_t MeilisearchWriter::count(const std::string& uid) {
  return client_.count_documents(uid);
}

}  // namespace fechatter::server
