#include "fechatter_server/read/delivery_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace fechatter::server {
namespace {

using nlohmann::json;

constexpr std::size_t batch_max = 10'000;
constexpr std::size_t waiting_max = 2 * batch_max;
constexpr std::chrono::seconds store_interval{1};
constexpr std::chrono::seconds store_max{5};  // then further reports are received

const postgres::Statement store_statement{"store_deliveries", "SELECT store_deliveries($1)"};

}  // namespace

DeliveryStore::DeliveryStore(std::string database_url)
    : database_{std::move(database_url), "-c statement_timeout=2000"},
      batch_{{batch_max, batch_max}} {}

DeliveryStore::~DeliveryStore() {
  store();
}

void DeliveryStore::add(const std::vector<event::Delivery>& deliveries) {
  for (const auto& one : deliveries) {
    const std::pair key{one.chat, one.user};
    const auto known = waiting_.find(key);
    if (known != waiting_.end()) {
      if (known->second.seq < one.seq) known->second = one;
    } else if (waiting_.size() < waiting_max) {
      waiting_.emplace(key, one);
    }
  }
  if (waiting_.size() >= batch_max && !away_) store();
}

void DeliveryStore::run_turn() {
  if (Clock::now() - stored_at_ >= store_interval) store();
}

void DeliveryStore::store() {
  const auto until = Clock::now() + store_max;
  while (!waiting_.empty() && Clock::now() < until) {
    const auto count = std::min(batch_.size().count, waiting_.size());
    try {
      store_batch(count);
      batch_.succeeded();
      away_ = false;
    } catch (const pqxx::sql_error& error) {
      if (count == 1) {
        spdlog::warn("a delivery is not stored: {}", error.what());
        waiting_.erase(waiting_.begin());
      }
      while (count > 1 && batch_.size().count >= count) batch_.failed();
    } catch (const std::exception& error) {
      if (!away_) spdlog::warn("{} deliveries wait: {}", waiting_.size(), error.what());
      away_ = true;
      break;
    }
  }
  stored_at_ = Clock::now();
}

void DeliveryStore::store_batch(std::size_t count) {
  const auto end = std::next(waiting_.begin(), static_cast<Waiting::difference_type>(count));
  auto batch = json::array();
  for (auto next = waiting_.begin(); next != end; ++next) {
    const auto& one = next->second;
    batch.push_back({{"chat_id", one.chat.value},
                     {"user_id", one.user.value},
                     {"seq", one.seq},
                     {"at", to_unix_micros(one.at)}});
  }
  database_.run(store_statement, batch.dump());
  waiting_.erase(waiting_.begin(), end);
}

}  // namespace fechatter::server
