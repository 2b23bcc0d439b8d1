#pragma once

#include "fechatter_core/nats/probe.hpp"
#include "fechatter_core/observability/health.hpp"
#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/postgres/revocation_feed.hpp"

namespace fechatter::observability {

// The checks of both servers: PostgreSQL, which is critical, NATS, and the revoked sessions: until
// they were read once (`startup`), which is critical too, no signed-in request is served; that
// later reads fail (`revocations`) is not critical, since NATS announces revocations as well. All
// outlive the checks.
std::vector<Check> dependency_checks(postgres::Database& database, nats::Probe& nats,
                                     const postgres::RevocationFeed& revocations);

}  // namespace fechatter::observability
