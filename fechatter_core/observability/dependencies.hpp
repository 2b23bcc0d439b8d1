#pragma once

#include "fechatter_core/nats/probe.hpp"
#include "fechatter_core/observability/health.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::observability {

// The checks of both servers: PostgreSQL, which is critical, and NATS. Both outlive the checks.
std::vector<Check> dependency_checks(postgres::Database& database, nats::Probe& nats);

}  // namespace fechatter::observability
