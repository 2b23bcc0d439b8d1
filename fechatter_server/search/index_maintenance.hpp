#pragma once

#include <memory>
#include <string>
#include <thread>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/stop_signal.hpp"

namespace fechatter::server {

// Rebuilds the index when it was built by another version of this program's rules, and verifies and
// repairs it after an epoch was raised: events older than the relay republishes reach the index in
// no other way. On a thread of its own, which looks every 5 s; one instance at a time.
class IndexMaintenance {
 public:
  IndexMaintenance(std::string database_url, std::unique_ptr<SearchIndexMaintenance> index);
  ~IndexMaintenance();
  IndexMaintenance(const IndexMaintenance&) = delete;
  IndexMaintenance& operator=(const IndexMaintenance&) = delete;

 private:
  void run();
  void maintain();

  const std::string database_url_;
  const std::unique_ptr<SearchIndexMaintenance> index_;
  postgres::Connection state_;
  StopSignal stop_;
  std::thread thread_;
};

}  // namespace fechatter::server
