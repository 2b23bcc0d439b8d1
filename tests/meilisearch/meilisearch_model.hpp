#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace fechatter::test {

struct ModelAnswer {
  int status = 200;
  nlohmann::json body;
};

// The answers of Meilisearch 1.12, as recorded from it: indexes, settings, documents, and tasks
// that run one after the other. It does not search: a test sets the hits. One thread.
class MeilisearchModel {
 public:
  ModelAnswer handle(const std::string& method, const std::string& target,
                     const nlohmann::json& body);

  using Documents = std::map<std::int64_t, nlohmann::json>;
  struct Index {
    nlohmann::json settings = nlohmann::json::object();
    Documents documents;
  };
  std::map<std::string, Index> indexes;
  nlohmann::json hits = nlohmann::json::array();  // of the next searches
  std::map<std::string, nlohmann::json> hits_by_text;
  bool tasks_move = true;                    // false: tasks stay enqueued
  std::optional<nlohmann::json> task_error;  // of tasks that are enqueued later

  static nlohmann::json error(const std::string& code, const std::string& type);

 private:
  struct Task {
    std::string kind;
    std::string index;
    nlohmann::json body;
    std::string status = "enqueued";
    nlohmann::json error;
    bool will_be_refused = false;
  };

  ModelAnswer enqueue(const std::string& kind, const std::string& index,
                      const nlohmann::json& body);
  ModelAnswer task(std::size_t id);
  // Finishes this task and all before it.
  void end(std::size_t id);
  nlohmann::json run(const Task& task);
  nlohmann::json add(Index& index, const nlohmann::json& documents);
  ModelAnswer of_index(const std::string& method, const std::string& uid, const std::string& rest,
                       const nlohmann::json& body);
  ModelAnswer fetch(const Index& index, const nlohmann::json& body) const;
  ModelAnswer search(const nlohmann::json& body) const;

  std::vector<Task> tasks_;
};

}  // namespace fechatter::test
