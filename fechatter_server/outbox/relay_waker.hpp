#pragma once

#include "fechatter_server/outbox/outbox_relay.hpp"

namespace fechatter::server {

// Wakes this instance's relay after a change: the only place that does. Any thread.
class RelayWaker {
 public:
  // No relay: tests and benchmarks of the repositories.
  RelayWaker() = default;
  // REQUIRES: `relay` outlives this.
  explicit RelayWaker(OutboxRelay& relay) : relay_{&relay} {}

  // To be called with the outcome of a committed change, for which there is a
  // wrote_event(outcome). Never blocks for long.
  template <class Outcome>
  void after(const Outcome& outcome) const {
    if (wrote_event(outcome) && relay_) relay_->wake();
  }

 private:
  OutboxRelay* relay_ = nullptr;
};

}  // namespace fechatter::server
