#pragma once

#include <map>
#include <string>

#include "fechatter_core/event/deliveries.hpp"
#include "fechatter_core/nats/realtime_channel.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {

// Stores what notify_server reports to have written to users, for the receipts, once a second in
// one statement. Each report reaches one instance. While the database is away reports are lost. The
// thread of its channel.
class DeliveryReceiver {
 public:
  DeliveryReceiver(nats::Settings nats, std::string database_url);

 private:
  using Clock = std::chrono::steady_clock;

  void receive(std::string_view text);
  void run_turn();
  void store();

  postgres::Connection database_;
  std::map<std::pair<ChatId, UserId>, event::Delivery> waiting_;  // 10,000 at most
  Clock::time_point stored_at_;
  nats::RealtimeChannel channel_;
};

}  // namespace fechatter::server
