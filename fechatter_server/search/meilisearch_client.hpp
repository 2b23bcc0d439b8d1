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
  std::string key;                 // empty: the server needs none; never logged
  std::string index = "messages";  // letters, digits, '-' and '_'
  std::size_t threads = 2;         // that search
  std::size_t queue_max = 1000;    // waiting searches; beyond: Error{overloaded}
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds answer_timeout{5000};
  std::chrono::milliseconds task_timeout{30'000};
};

// Meilisearch has understood a request and will refuse it at each attempt. `what()` is the code
// alone (say, index_not_found): the message of Meilisearch may quote a document.
class MeilisearchRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;

  std::string_view code() const { return what(); }
  bool is_missing_index() const { return code() == "index_not_found"; }
  // Whether the refusal is about the documents of the request.
  bool is_about_documents() const;
};

using MeilisearchTaskId = Id<struct MeilisearchTaskTag>;

// The part of Meilisearch's HTTP API that is used here. Blocking; any one thread at a time. A
// change of an index is a task that Meilisearch runs later: the functions return its id, and
// await() returns when it has succeeded. All throw Error{search_unavailable} when there is no
// answer, the key is wrong, or Meilisearch itself fails, and MeilisearchRefusal.
class MeilisearchClient {
 public:
  using Json = nlohmann::json;
  using TaskId = MeilisearchTaskId;

  explicit MeilisearchClient(const MeilisearchSettings& settings);

  void check_health();
  std::string version();

  TaskId create_index(const std::string& uid, const std::string& primary_key);
  TaskId delete_index(const std::string& uid);
  // Exchanges documents and settings of two indexes atomically. Both must exist.
  TaskId swap_indexes(const std::string& one, const std::string& other);

  Json settings(const std::string& uid);
  TaskId update_settings(const std::string& uid, const Json& settings);

  // Replaces documents with the same ids. Creates a missing index, without settings.
  TaskId add_documents(const std::string& uid, const Json& documents);
  TaskId delete_documents(const std::string& uid, const std::vector<std::int64_t>& ids);
  std::optional<Json> find_document(const std::string& uid, std::int64_t id);
  // Documents that match the filter, in no order.
  Json documents(const std::string& uid, const std::string& filter,
                 const std::vector<std::string>& fields, std::size_t limit);
  std::int64_t count_documents(const std::string& uid);

  Json search(const std::string& uid, const Json& query);

  Json task(TaskId id);
  // Returns when the task has succeeded. Throws MeilisearchRefusal when it failed because of the
  // request, search_unavailable when it failed otherwise or takes longer than task_timeout.
  void await(TaskId id);

 private:
  Json request(const std::string& method, const std::string& path, const Json* body = nullptr);
  TaskId enqueue(const std::string& method, const std::string& path, const Json* body = nullptr);
  [[noreturn]] void refuse(const std::string& operation, const Json& error);
  [[noreturn]] void fail_as_unavailable(const std::string& operation, const std::string& cause);

  const MeilisearchSettings settings_;
  http::Client http_;
  std::string last_failure_;
};

}  // namespace fechatter::server
