#include "fechatter_server/search/meilisearch_writer.hpp"

#include <spdlog/fmt/fmt.h>

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/newest_messages.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

constexpr std::size_t batch_max = 1000;

// Whether `actual` has all of `wanted`; it may have more.
bool holds(const json& actual, const json& wanted) {
  if (!wanted.is_object()) return actual == wanted;
  if (!actual.is_object()) return false;
  for (const auto& [name, value] : wanted.items()) {
    const auto found = actual.find(name);
    if (found == actual.end() || !holds(*found, value)) return false;
  }
  return true;
}

}  // namespace

void MeilisearchWriter::make_index(const std::string& uid) {
  try {
    client_.await(client_.create_index(uid, "id"));
  } catch (const MeilisearchRefusal& refusal) {
    if (refusal.code() != "index_already_exists") throw;  // another instance was quicker
  }
  apply_settings(uid);
}

void MeilisearchWriter::apply_settings(const std::string& uid) {
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

std::optional<IndexMarker> MeilisearchWriter::marker(const std::string& uid) {
  try {
    return to_marker(client_.find_document(uid, marker_id).value_or(json::object()));
  } catch (const MeilisearchRefusal& refusal) {
    if (refusal.is_missing_index()) return std::nullopt;
    throw;
  }
}

std::optional<std::int64_t> MeilisearchWriter::built_version(const std::string& uid) {
  const auto found = marker(uid);
  return found ? std::optional{found->built_version()} : std::nullopt;
}

void MeilisearchWriter::mark(const std::string& uid, const IndexMarker& marker) {
  add(uid, json::array({to_document(marker)}));
}

void MeilisearchWriter::write(const std::string& uid, const std::vector<IndexedMessage>& messages,
                              const std::optional<IndexMarker>& marker) {
  Batch batch;
  for (const auto& [id, message] : newest_of(messages)) {
    if (batch.size() == batch_max) {
      add(uid, documents(uid, batch));
      batch.clear();
    }
    batch.push_back(message);
  }
  auto last = documents(uid, batch);
  if (marker) last.push_back(to_document(*marker));
  add(uid, last);
}

// The documents of the messages that are not older than those of the index.
json MeilisearchWriter::documents(const std::string& uid, const Batch& batch) {
  auto documents = json::array();
  if (batch.empty()) return documents;
  std::vector<MessageId> ids;
  for (const auto* message : batch) ids.push_back(message->id);
  const auto known = versions(uid, ids_filter(ids), ids.size());
  for (const auto* message : batch) {
    const auto found = known.find(message->id);
    const bool late = found != known.end() && found->second > message->version;
    if (!late) documents.push_back(to_document(*message));
  }
  return documents;
}

void MeilisearchWriter::add(const std::string& uid, const json& documents) {
  if (documents.empty()) return;
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

std::map<MessageId, Timestamp> MeilisearchWriter::versions(const std::string& uid,
                                                           const IndexRange& range) {
  return versions(uid, range_filter(range), range.length());
}

std::map<MessageId, Timestamp> MeilisearchWriter::versions(const std::string& uid,
                                                           const std::string& filter,
                                                           std::size_t limit) {
  std::map<MessageId, Timestamp> versions;
  for (const auto& document : client_.documents(uid, filter, {"id", "version"}, limit)) {
    versions[MessageId{document.value("id", std::int64_t{0})}] =
        from_unix_micros(document.value("version", std::int64_t{0}));
  }
  return versions;
}

std::int64_t MeilisearchWriter::count(const std::string& uid) {
  return client_.count_documents(uid);
}

}  // namespace fechatter::server
