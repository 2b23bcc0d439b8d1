#pragma once

#include <optional>
#include <thread>

#include "fechatter_core/nats/work_queue.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/stop_signal.hpp"

namespace fechatter::server {

struct IndexerSettings {
  nats::Settings nats;
  std::size_t batch_size = 1;                  // so many are waited for …
  std::chrono::milliseconds batch_timeout{0};  // … no longer than this
  std::chrono::seconds patience{5};  // with whoever has taken messages; another takes them then
  std::size_t batch_max = 256;       // more are taken when more are there
};

// The message that an event is about, as the index keeps it; nothing when it is about none. Throws
// std::invalid_argument when it is no event.
std::optional<IndexedMessage> indexed_message_of(std::string_view envelope);

// Tells the index of every message, edit and deletion: takes events from a durable queue that all
// instances share, on a thread of its own, and says that one is done when the index has it. What
// the index can never take is put aside with its reason. Nobody waits for it, and it leaves the
// processors to others most of the time.
class SearchIndexer {
 public:
  SearchIndexer(IndexerSettings settings, SearchIndex& index);
  ~SearchIndexer();
  SearchIndexer(const SearchIndexer&) = delete;
  SearchIndexer& operator=(const SearchIndexer&) = delete;

 private:
  using Item = nats::WorkQueue::Item;

  void run();
  void serve(nats::Connection& connection);
  void index(nats::WorkQueue& queue, std::vector<Item> items);
  void index_one_by_one(nats::WorkQueue& queue, const std::vector<Item>& items,
                        const std::vector<IndexedMessage>& messages);

  const IndexerSettings settings_;
  SearchIndex& index_;
  StopSignal stop_;
  std::thread thread_;
};

}  // namespace fechatter::server
