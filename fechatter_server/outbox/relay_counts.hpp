#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/observability/histogram.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

// What a relay counts. Written by its thread, read by any.
struct RelayCounts {
  std::atomic<std::int64_t> epoch{0};  // as of the last lease; 0: it had none yet
  observability::Counter acquisitions;
  observability::Counter epochs_raised;
  observability::Counter published;
  observability::Counter broken_chains;
  observability::Histogram batch_sizes{observability::batch_sizes};
  // From the commit of an event to its acknowledgement by JetStream; without republished ones.
  observability::Histogram lags{observability::slow_seconds};

  // The acknowledged events are a prefix of the rows.
  void record(const std::vector<OutboxRow>& rows, const Published& acknowledged, bool unbroken) {
    const auto at = now();
    const auto count = acknowledged.ids.size();
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_first = rows[i].first_position == event::Position{};
      if (is_first) lags.observe(at - from_unix_micros(rows[i].created_micros));
    }
    published.add(count);
    batch_sizes.observe(count);
    if (!unbroken) broken_chains.add();
  }
};

}  // namespace fechatter::server
