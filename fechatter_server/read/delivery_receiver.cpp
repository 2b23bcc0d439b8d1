#include "fechatter_server/read/delivery_receiver.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

constexpr std::size_t waiting_max = 10'000;
constexpr std::chrono::seconds interval{1};

const postgres::Statement store_statement{"store_deliveries", "SELECT store_deliveries($1)"};

}  // namespace

DeliveryReceiver::DeliveryReceiver(nats::Settings nats, std::string database_url)
    : database_{std::move(database_url), "-c statement_timeout=2000"},
      channel_{std::move(nats),
               event::delivered_subject,
               {.on_message = [this](std::string_view text) { receive(text); },
                .on_turn = [this] { run_turn(); },
                .queue = "receipts"}} {}

void DeliveryReceiver::receive(std::string_view text) {
  const auto deliveries = event::parse_deliveries(text);
  if (!deliveries) return spdlog::warn("malformed message on {} ignored", event::delivered_subject);
  for (const auto& one : *deliveries) {
    const auto [waiting, added] = waiting_.try_emplace({one.chat, one.user}, one);
    if (!added && waiting->second.seq < one.seq) waiting->second = one;
  }
  if (waiting_.size() >= waiting_max) store();
}

void DeliveryReceiver::run_turn() {
  if (waiting_.empty() || Clock::now() - stored_at_ < interval) return;
  store();
}

void DeliveryReceiver::store() {
  auto batch = json::array();
  for (const auto& [pair, one] : waiting_) {
    batch.push_back({{"chat_id", one.chat.value},
                     {"user_id", one.user.value},
                     {"seq", one.seq},
                     {"at", to_unix_micros(one.at)}});
  }
  waiting_.clear();
  try {
    database_.run(store_statement, batch.dump());
  } catch (const std::exception& error) {
    spdlog::warn("{} deliveries not stored: {}", batch.size(), error.what());
  }
  stored_at_ = Clock::now();
}

}  // namespace fechatter::server
