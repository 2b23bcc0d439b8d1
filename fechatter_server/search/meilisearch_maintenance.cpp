#include "fechatter_server/search/meilisearch_upkeep.hpp"

namespace fechatter::server {
namespace {

// Whether an index is being built by our rules.
bool is_begun(const std::optional<IndexMarker>& marker) {
  return marker && marker->version == messages_index_version && marker->built_up_to;
}

}  // namespace

std::string index_beside(const MeilisearchSettings& settings) {
  return settings.index + "_next";
}

MeilisearchUpkeep::MeilisearchUpkeep(const MeilisearchSettings& settings)
    : live_{settings.index}, beside_{index_beside(settings)}, writer_{settings} {}

// One that a newer server has built stays as it is.
bool MeilisearchUpkeep::is_up_to_date() {
  return writer_.built_version(live_).value_or(0) >= messages_index_version;
}

MessageId MeilisearchUpkeep::begin_build() {
  if (!writer_.built_version(live_)) writer_.make_index(live_);  // there must be two to exchange
  const auto marker = writer_.marker(beside_);
  if (is_begun(marker)) return *marker->built_up_to;
  writer_.drop_index(beside_);
  writer_.make_index(beside_);
  writer_.mark(beside_, {messages_index_version, MessageId{}});
  return {};
}

void MeilisearchUpkeep::build(const std::vector<IndexedMessage>& messages) {
  writer_.write(beside_, messages, IndexMarker{messages_index_version, messages.back().id});
}

// Without the question a mark would make an index that has nothing else.
void MeilisearchUpkeep::finish_build() {
  if (!is_begun(writer_.marker(beside_))) throw IndexRefusal{"the index is not being built"};
  writer_.mark(beside_, {messages_index_version, std::nullopt});
  writer_.swap_indexes(live_, beside_);
  writer_.drop_index(beside_);
}

std::map<MessageId, Timestamp> MeilisearchUpkeep::versions(const IndexRange& range) {
  return writer_.versions(live_, range);
}

void MeilisearchUpkeep::put(const std::vector<IndexedMessage>& messages) {
  writer_.write(live_, messages);
}

void MeilisearchUpkeep::remove(const std::vector<MessageId>& messages) {
  if (writer_.marker(beside_)) writer_.remove(beside_, messages);
  writer_.remove(live_, messages);
}

}  // namespace fechatter::server
