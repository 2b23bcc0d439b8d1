#pragma once

#include "fechatter_core/observability/health.hpp"
#include "fechatter_core/observability/metrics.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::observability {

// Adds the last results of the health checks. `health` outlives `metrics`.
void add_dependency_metrics(Metrics& metrics, const HealthChecker& health);

struct NamedPool {
  const char* name;
  const postgres::Database& database;
};

// Adds connections and waiting jobs of the pools, which outlive `metrics`.
void add_pool_metrics(Metrics& metrics, std::vector<NamedPool> pools);

}  // namespace fechatter::observability
