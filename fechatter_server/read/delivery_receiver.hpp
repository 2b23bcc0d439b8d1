#pragma once

#include <string>
#include <string_view>

#include "fechatter_core/nats/realtime_channel.hpp"
#include "fechatter_server/read/delivery_store.hpp"

namespace fechatter::server {

// Stores what notify_server reports to have written to users, for the receipts. Each report reaches
// one instance. The thread of its channel.
class DeliveryReceiver {
 public:
  DeliveryReceiver(nats::Settings nats, std::string database_url);

 private:
  void receive(std::string_view text);

  DeliveryStore store_;
  nats::RealtimeChannel channel_;  // ends before the store, which stores what has been received
};

}  // namespace fechatter::server
