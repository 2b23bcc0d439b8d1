#pragma once

#include <memory>
#include <string>
#include <thread>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/stop_signal.hpp"

namespace fechatter::server {

// Keeps the index whole, on a thread of its own, one instance at a time: builds it anew when the
// rules of this program are others than those it was built by, and compares it with the messages
// when the stream of events was lost, because what was lost longer ago than the relay tells again
// reaches the index in no other way.
class SearchTender {
 public:
  SearchTender(std::string database_url, std::unique_ptr<SearchIndexUpkeep> index);
  ~SearchTender();
  SearchTender(const SearchTender&) = delete;
  SearchTender& operator=(const SearchTender&) = delete;

 private:
  void run();
  void tend();

  const std::string database_url_;
  const std::unique_ptr<SearchIndexUpkeep> index_;
  postgres::Connection state_;
  StopSignal stop_;
  std::thread thread_;
};

}  // namespace fechatter::server
