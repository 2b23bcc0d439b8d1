#include "fechatter_server/search/meilisearch_rebuild.hpp"

namespace fechatter::server {

std::string index_beside(const MeilisearchSettings& settings) {
  return settings.index + "_next";
}

MeilisearchRebuild::MeilisearchRebuild(const MeilisearchSettings& settings)
    : live_{settings.index}, beside_{index_beside(settings)}, writer_{settings} {}

void MeilisearchRebuild::begin() {
  if (!writer_.built_version(live_)) writer_.make_index(live_);  // there must be two to exchange
  writer_.drop_index(beside_);
  writer_.make_index(beside_);
}

void MeilisearchRebuild::fill(const std::vector<IndexedMessage>& messages) {
  writer_.write(beside_, messages);
}

void MeilisearchRebuild::finish() {
  writer_.mark_built(beside_);
  writer_.swap_indexes(live_, beside_);
  writer_.drop_index(beside_);
}

void MeilisearchRebuild::abandon() {
  writer_.drop_index(beside_);
}

std::vector<StoredMessage> MeilisearchRebuild::stored(MessageId from, MessageId until) {
  return writer_.stored(live_, from, until);
}

void MeilisearchRebuild::repair(const std::vector<IndexedMessage>& messages) {
  writer_.write(live_, messages);
}

}  // namespace fechatter::server
