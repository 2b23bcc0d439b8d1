#include "fechatter_server/search/meilisearch_upkeep.hpp"

#include "fechatter_server/search/meilisearch_documents.hpp"

namespace fechatter::server {

MeilisearchUpkeep::MeilisearchUpkeep(const MeilisearchSettings& settings)
    : index_{settings.index}, writer_{settings}, rebuild_{settings} {}

// One that a newer server has built stays as it is.
bool MeilisearchUpkeep::is_up_to_date() {
  return writer_.built_version(index_).value_or(0) >= messages_index_version;
}

MessageId MeilisearchUpkeep::begin_build() {
  rebuild_.begin();
  return {};
}

void MeilisearchUpkeep::build(const std::vector<IndexedMessage>& messages) {
  rebuild_.fill(messages);
}

void MeilisearchUpkeep::finish_build() {
  rebuild_.finish();
}

std::map<MessageId, Timestamp> MeilisearchUpkeep::versions(MessageId first, MessageId last) {
  std::map<MessageId, Timestamp> versions;
  for (const auto& message : rebuild_.stored(first, MessageId{last.value + 1})) {
    versions[message.id] = message.version;
  }
  return versions;
}

void MeilisearchUpkeep::put(const std::vector<IndexedMessage>& messages) {
  rebuild_.repair(messages);
}

void MeilisearchUpkeep::remove(const std::vector<MessageId>& messages) {
  writer_.remove(index_, messages);
}

}  // namespace fechatter::server
