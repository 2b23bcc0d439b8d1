#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/event/deliveries.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {

// Deliveries on their way to the receipts: the highest number of each chat and user, stored once a
// second in one statement, or when there are 10,000. A batch that the database refuses is halved,
// and a delivery that it refuses alone is dropped. While the database is away they wait, 20,000 of
// them at most; further ones are lost. One thread; the destructor stores what waits, within 5 s.
class DeliveryStore {
 public:
  explicit DeliveryStore(std::string database_url);
  ~DeliveryStore();
  DeliveryStore(const DeliveryStore&) = delete;
  DeliveryStore& operator=(const DeliveryStore&) = delete;

  void add(const std::vector<event::Delivery>& deliveries);
  // Stores what has waited for a second; never throws. Often.
  void run_turn();
  std::size_t waiting() const { return waiting_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  using Waiting = std::map<std::pair<ChatId, UserId>, event::Delivery>;

  void store();
  // The first ones that wait. Throws what the connection throws.
  void store_batch(std::size_t count);

  postgres::Connection database_;
  Waiting waiting_;
  AdaptiveBatch batch_;
  bool away_ = false;  // the database, at the last statement
  Clock::time_point stored_at_;
};

}  // namespace fechatter::server
