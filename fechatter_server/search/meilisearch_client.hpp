#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/client.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::server {

struct MeilisearchSettings {
  std::string url = "http://127.0.0.1:7700";
  std::string key;                 // empty: the server asks for none; never logged
  std::string index = "messages";  // letters, digits, '-' and '_'
  std::size_t threads = 2;         // that search
  std::size_t queue_max = 1000;    // searches that wait; beyond: Error{overloaded}
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds answer_timeout{5000};
  std::chrono::milliseconds task_timeout{30'000};
};

// Meilisearch understood, and will not do what it was asked, now or later. `what()` is the code
// alone (say, index_not_found): the message may quote a document.
class MeilisearchRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;

  std::string_view code() const { return what(); }
  bool is_missing_index() const { return code() == "index_not_found"; }
  // Whether the documents that were sent are at fault.
  bool is_about_documents() const;
};

using MeilisearchTaskId = Id<struct MeilisearchTaskTag>;

// Meilisearch's HTTP API, as far as we need it. Blocking; any one thread at a time. Whatever
// changes an index is a task that is done later: the functions return its id, and await() when it
// has succeeded. All throw Error{search_unavailable} when nobody answers, the key is wrong, or
// Meilisearch is in trouble itself, and MeilisearchRefusal.
class MeilisearchClient {
 public:
  using Json = nlohmann::json;
  using TaskId = MeilisearchTaskId;

  explicit MeilisearchClient(const MeilisearchSettings& settings);

  void check_health();
  std::string version();

  TaskId create_index(const std::string& uid, const std::string& primary_key);
  TaskId delete_index(const std::string& uid);
  // Each becomes what the other was, documents and settings, in one moment. Both must exist.
  TaskId swap_indexes(const std::string& one, const std::string& other);

  Json settings(const std::string& uid);
  TaskId update_settings(const std::string& uid, const Json& settings);

  // Replaces those with the same id. An index that does not exist is made, without settings.
  TaskId add_documents(const std::string& uid, const Json& documents);
  TaskId delete_documents(const std::string& uid, const std::vector<std::int64_t>& ids);
  std::optional<Json> find_document(const std::string& uid, std::int64_t id);
  // Of all that the filter lets through, in no order.
  Json documents(const std::string& uid, const std::string& filter,
                 const std::vector<std::string>& fields, std::size_t limit);
  std::int64_t count_documents(const std::string& uid);

  Json search(const std::string& uid, const Json& query);

  Json task(TaskId id);
  // Returns when the task has succeeded. Throws MeilisearchRefusal when it failed because of what
  // was asked, search_unavailable when it failed otherwise or takes longer than task_timeout.
  void await(TaskId id);

 private:
  Json ask(const std::string& method, const std::string& path, const Json* body = nullptr);
  TaskId enqueue(const std::string& method, const std::string& path, const Json* body = nullptr);
  [[noreturn]] void fail(const std::string& asked, const Json& error);
  [[noreturn]] void give_up(const std::string& asked, const std::string& cause);

  const MeilisearchSettings settings_;
  http::Client http_;
  std::string last_trouble_;
};

}  // namespace fechatter::server
