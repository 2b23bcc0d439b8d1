#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "fechatter_core/nats/event_worker.hpp"
#include "fechatter_core/service/search_index.hpp"

namespace fechatter::server {

// The message that an event is about, as the index holds it; nothing for an event of another kind.
// Throws std::invalid_argument for bytes that are no event.
std::optional<IndexedMessage> indexed_message_of(std::string_view envelope);

// Applies every new message, edit and deletion to the index, in the background: an EventWorker on
// the durable consumer that all instances share. An event is acked when the index has it; an event
// that the index can never take goes to the dead-letter stream. Idempotent, because the index
// compares versions.
class SearchIndexer final : private nats::EventHandler {
 public:
  // REQUIRES: `index` outlives the indexer, and is applied to by it alone.
  SearchIndexer(const nats::WorkerSettings& settings, SearchIndex& index);

  // Events that are not in the index yet (EventWorker::lag). Any thread.
  std::uint64_t lag() const { return worker_.lag(); }
  const nats::WorkerCounts& counts() const { return worker_.counts(); }

 private:
  std::vector<nats::RefusedEvent> handle(const std::vector<event::StreamMessage>& events) override;

  SearchIndex& index_;
  nats::EventWorker worker_;  // last: it calls handle() while it lives
};

}  // namespace fechatter::server
