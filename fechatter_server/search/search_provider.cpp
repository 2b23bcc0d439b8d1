#include "fechatter_server/search/search_provider.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "fechatter_server/search/meilisearch_index.hpp"
#include "fechatter_server/search/meilisearch_maintenance.hpp"
#include "fechatter_server/search/postgres_index.hpp"
#include "fechatter_server/search/postgres_maintenance.hpp"

namespace fechatter::server {
namespace {

// Sending goes first, and a rest makes larger batches: half of a processor while the batches are
// not full, then a quarter, which is enough for about a thousand messages a second. The longer rest
// after every batch made a message wait for 766 ms at p99 with 500 messages a second.
constexpr int indexer_rest_per_work = 1;
constexpr int indexer_rest_per_full_batch = 3;

// How far apart the batches of PostgreSQL's index begin. A statement for a few messages costs
// nearly what one for thirty does, and took a fifth of a busy machine; one for a hundred takes a
// processor for 20 ms, for which deliveries wait. A message after a silence waits for nothing.
constexpr std::chrono::milliseconds indexer_linger{30};

bool uses_meilisearch(const ServerSettings& settings) {
  return settings.search_provider == "meilisearch";
}

std::string read_key(const std::string& file) {
  std::ifstream stream{file};
  std::string key;
  if (!std::getline(stream, key) || key.empty()) {
    throw std::runtime_error{"search.meilisearch_key_file: no key in " + file};
  }
  return key;
}

MeilisearchSettings meilisearch_settings(const ServerSettings& settings) {
  MeilisearchSettings meilisearch;
  meilisearch.url = settings.meilisearch_url;
  meilisearch.key = settings.meilisearch_key;
  if (!settings.meilisearch_key_file.empty()) {
    meilisearch.key = read_key(settings.meilisearch_key_file);
  }
  meilisearch.threads = settings.search_pool_size;
  meilisearch.queue_max = settings.queue_max;
  meilisearch.answer_timeout = settings.search_timeout;
  return meilisearch;
}

}  // namespace

std::unique_ptr<SearchIndex> make_index(const ServerSettings& settings,
                                        postgres::Database& searching) {
  if (uses_meilisearch(settings)) {
    return std::make_unique<MeilisearchIndex>(meilisearch_settings(settings));
  }
  return std::make_unique<PostgresIndex>(searching, settings.database_url);
}

std::unique_ptr<SearchIndexMaintenance> make_index_maintenance(const ServerSettings& settings) {
  if (uses_meilisearch(settings)) {
    return std::make_unique<MeilisearchMaintenance>(meilisearch_settings(settings));
  }
  return std::make_unique<PostgresMaintenance>(settings.database_url);
}

nats::WorkerSettings indexer_settings(const ServerSettings& settings) {
  nats::WorkerSettings worker;
  worker.nats = nats::named(settings.nats, "search");
  worker.name = "search";
  worker.limits.max = 256;
  worker.limits.min = worker.limits.max;
  worker.limits.linger = indexer_linger;
  worker.rest_per_work = indexer_rest_per_work;
  worker.rest_per_full_batch = indexer_rest_per_full_batch;
  if (uses_meilisearch(settings)) {
    worker.limits.min = settings.search_batch_size;
    worker.limits.max = std::max<std::size_t>(settings.search_batch_size, 1000);
    worker.limits.linger = settings.search_batch_timeout;
    worker.rest_per_work = 0;  // the work is Meilisearch's; its batches are apart by the linger
    worker.ack_wait = std::chrono::seconds{60};  // longer than a task may take
  }
  return worker;
}

}  // namespace fechatter::server
