#pragma once

#include "fechatter_core/observability/metrics.hpp"
#include "fechatter_server/auth/accounts.hpp"
#include "fechatter_server/file/files.hpp"
#include "fechatter_server/search/message_search.hpp"
#include "fechatter_server/search/search_indexer.hpp"
#include "fechatter_server/storage.hpp"
#include "fechatter_server/stored_figures.hpp"
#include "fechatter_server/workspace/audit_counts.hpp"

namespace fechatter::server {

// Each adds the metrics of a part; docs/metrics.md describes them. The parts outlive `metrics`.
void add_message_metrics(observability::Metrics& metrics, const AppendQueue& queue);
void add_relay_metrics(observability::Metrics& metrics, const OutboxRelay& relay);
void add_stored_metrics(observability::Metrics& metrics, const StoredFigures& figures);
void add_search_metrics(observability::Metrics& metrics, const MessageSearch& search,
                        const SearchIndexer& indexer);
void add_file_metrics(observability::Metrics& metrics, const Files& files);
void add_account_metrics(observability::Metrics& metrics, const Accounts& accounts,
                         const PasswordHasher& passwords, const AuditCounts& audit);

}  // namespace fechatter::server
