#pragma once

#include <memory>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/search_indexer.hpp"
#include "fechatter_server/server_settings.hpp"

// The index that the setting `search.provider` selects.
namespace fechatter::server {

// `searching` is the database of the PostgreSQL index. REQUIRES: it outlives the index.
std::unique_ptr<SearchIndex> make_index(const ServerSettings& settings,
                                        postgres::Database& searching);
std::unique_ptr<SearchIndexMaintenance> make_index_maintenance(const ServerSettings& settings);
nats::WorkerSettings indexer_settings(const ServerSettings& settings);

}  // namespace fechatter::server
