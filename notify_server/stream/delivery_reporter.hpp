#pragma once

#include <memory>
#include <thread>

#include "fechatter_core/nats/nats_connection.hpp"
#include "fechatter_core/stop_signal.hpp"
#include "notify_server/stream/delivery_log.hpp"

namespace fechatter::notify {

// Publishes what a log has on core NATS every 2 s. What is published while NATS or the servers are
// away is lost: receipts are no promise. A thread of its own, which reconnects for ever.
class DeliveryReporter {
 public:
  // REQUIRES: `log` outlives the reporter.
  DeliveryReporter(nats::Settings nats, DeliveryLog& log);
  ~DeliveryReporter();
  DeliveryReporter(const DeliveryReporter&) = delete;
  DeliveryReporter& operator=(const DeliveryReporter&) = delete;

 private:
  void run();
  void report();

  const nats::Settings nats_;
  DeliveryLog& log_;
  StopSignal stop_;
  std::unique_ptr<nats::Connection> connection_;  // the thread's own
  std::thread thread_;
};

}  // namespace fechatter::notify
