#include "fechatter_server/read/delivery_receiver.hpp"

#include <spdlog/spdlog.h>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {

DeliveryReceiver::DeliveryReceiver(nats::Settings nats, std::string database_url)
    : store_{std::move(database_url)},
      channel_{std::move(nats),
               event::delivered_subject,
               {.on_message = [this](std::string_view text) { receive(text); },
                .on_turn = [this] { store_.run_turn(); },
                .queue = "receipts"}} {}

void DeliveryReceiver::receive(std::string_view text) {
  const auto deliveries = event::parse_deliveries(text);
  if (!deliveries) return spdlog::warn("malformed message on {} ignored", event::delivered_subject);
  store_.add(*deliveries);
}

}  // namespace fechatter::server
