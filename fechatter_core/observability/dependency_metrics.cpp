#include "fechatter_core/observability/dependency_metrics.hpp"

namespace fechatter::observability {

void add_dependency_metrics(Metrics& metrics, const HealthChecker& health) {
  metrics.gauge("fechatter_dependency_up", "1 while the check of /health of that name passes.",
                [&health](Samples& samples) {
                  const auto report = health.last();
                  for (const auto& service : report.services) {
                    samples.add(service.healthy ? 1 : 0, {{"dependency", service.name}});
                  }
                });
  metrics.gauge("fechatter_dependency_latency_seconds",
                "How long that check took, up to its time-out of a second.",
                [&health](Samples& samples) {
                  const auto report = health.last();
                  for (const auto& service : report.services) {
                    const auto micros = static_cast<double>(service.latency.count());
                    samples.add(micros / micros_per_second, {{"dependency", service.name}});
                  }
                });
}

void add_pool_metrics(Metrics& metrics, std::vector<NamedPool> pools) {
  metrics.gauge("fechatter_database_pool_connections", "Connections of the pool, busy or not.",
                [pools](Samples& samples) {
                  for (const auto& [name, database] : pools) {
                    samples.add(static_cast<double>(database.size()), {{"pool", name}});
                  }
                });
  metrics.gauge("fechatter_database_pool_busy", "Connections that run a statement.",
                [pools](Samples& samples) {
                  for (const auto& [name, database] : pools) {
                    samples.add(static_cast<double>(database.busy()), {{"pool", name}});
                  }
                });
  metrics.gauge("fechatter_database_pool_waiting", "Jobs that wait for a connection of the pool.",
                [pools = std::move(pools)](Samples& samples) {
                  for (const auto& [name, database] : pools) {
                    samples.add(static_cast<double>(database.waiting()), {{"pool", name}});
                  }
                });
}

}  // namespace fechatter::observability
