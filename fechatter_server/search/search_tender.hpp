#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"

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
  bool is_stopping();
  void pause(std::chrono::milliseconds time);

  const std::string database_url_;
  const std::unique_ptr<SearchIndexUpkeep> index_;
  postgres::Connection state_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fechatter::server
