#pragma once

#include <memory>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/search_indexer.hpp"
#include "fechatter_server/server_settings.hpp"

// Whichever of the two indexes `search.provider` names.
namespace fechatter::server {

// `searching` is for the one in PostgreSQL. REQUIRES: it outlives the index.
std::unique_ptr<SearchIndex> make_index(const ServerSettings& settings,
                                        postgres::Database& searching);
std::unique_ptr<SearchIndexUpkeep> make_upkeep(const ServerSettings& settings);
IndexerSettings indexer_settings(const ServerSettings& settings);

}  // namespace fechatter::server
