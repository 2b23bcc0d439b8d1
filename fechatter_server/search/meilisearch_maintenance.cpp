#include "fechatter_server/search/meilisearch_maintenance.hpp"

namespace fechatter::server {
namespace {

// Whether the index is a rebuild of this version.
bool is_begun(const std::optional<IndexMarker>& marker) {
  return marker && marker->version == messages_index_version && marker->built_up_to;
}

}  // namespace

std::string build_index_name(const MeilisearchSettings& settings) {
  return settings.index + "_next";
}

MeilisearchMaintenance::MeilisearchMaintenance(const MeilisearchSettings& settings)
    : served_{settings.index}, build_{build_index_name(settings)}, writer_{settings} {}

// An index that a newer server has built stays as it is.
bool MeilisearchMaintenance::is_up_to_date() {
  return writer_.built_version(served_).value_or(0) >= messages_index_version;
}

MessageId MeilisearchMaintenance::begin_build() {
  if (!writer_.built_version(served_)) writer_.make_index(served_);  // a swap needs two indexes
  const auto marker = writer_.marker(build_);
  if (is_begun(marker)) return *marker->built_up_to;
  writer_.drop_index(build_);
  writer_.make_index(build_);
  writer_.mark(build_, {messages_index_version, MessageId{}});
  return {};
}

void MeilisearchMaintenance::build(const std::vector<IndexedMessage>& messages) {
  writer_.write(build_, messages, IndexMarker{messages_index_version, messages.back().id});
}

// Without this check, mark() would create an index with nothing but the marker.
void MeilisearchMaintenance::finish_build() {
  if (!is_begun(writer_.marker(build_))) throw IndexRefusal{"the index is not being built"};
  writer_.mark(build_, {messages_index_version, std::nullopt});
  writer_.swap_indexes(served_, build_);
  writer_.drop_index(build_);
}

std::map<MessageId, Timestamp> MeilisearchMaintenance::versions(const IndexRange& range) {
  return writer_.versions(served_, range);
}

void MeilisearchMaintenance::put(const std::vector<IndexedMessage>& messages) {
  writer_.write(served_, messages);
}

void MeilisearchMaintenance::remove(const std::vector<MessageId>& messages) {
  if (writer_.marker(build_)) writer_.remove(build_, messages);
  writer_.remove(served_, messages);
}

}  // namespace fechatter::server
