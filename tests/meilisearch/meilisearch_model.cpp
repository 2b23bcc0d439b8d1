#include "tests/meilisearch/meilisearch_model.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

namespace fechatter::test {
namespace {

using nlohmann::json;

ModelAnswer refusal(int status, const std::string& code) {
  return {status, MeilisearchModel::error(code, "invalid_request")};
}

// The filters that the client uses: comparisons of a number and lists, joined by AND. Parsed once
// for all documents.
class Filter {
 public:
  explicit Filter(const std::string& text) {
    static const std::regex comparison{R"((\w+) (>=|<|!=|=) (\d+))"};
    static const std::regex list{R"((\w+) IN \[([\d, ]*)\])"};
    const std::sregex_iterator end;
    for (std::sregex_iterator it{text.begin(), text.end(), comparison}; it != end; ++it) {
      comparisons_.push_back({(*it)[1].str(), (*it)[2].str(), std::stoll((*it)[3].str())});
    }
    for (std::sregex_iterator it{text.begin(), text.end(), list}; it != end; ++it) {
      const auto numbers = json::parse("[" + (*it)[2].str() + "]");
      lists_.push_back({(*it)[1].str(), numbers.get<std::set<std::int64_t>>()});
    }
  }

  bool passes(const json& document) const {
    const auto value_of = [&document](const std::string& name) {
      return document.value(name, std::int64_t{-1});
    };
    const auto holds = [&](const Comparison& comparison) {
      const auto value = value_of(comparison.name);
      if (comparison.sign == ">=") return value >= comparison.bound;
      if (comparison.sign == "<") return value < comparison.bound;
      return (value == comparison.bound) == (comparison.sign == "=");
    };
    return std::ranges::all_of(comparisons_, holds) &&
           std::ranges::all_of(lists_, [&](const List& list) {
             return list.numbers.contains(value_of(list.name));
           });
  }

 private:
  struct Comparison {
    std::string name;
    std::string sign;
    std::int64_t bound;
  };
  struct List {
    std::string name;
    std::set<std::int64_t> numbers;
  };

  std::vector<Comparison> comparisons_;
  std::vector<List> lists_;
};

bool may_filter_by_id(const MeilisearchModel::Index& index) {
  const auto names = index.settings.value("filterableAttributes", json::array());
  return std::ranges::find(names, json("id")) != names.end();
}

}  // namespace

json MeilisearchModel::error(const std::string& code, const std::string& type) {
  return {{"message", "`" + code + "`, in words."},
          {"code", code},
          {"type", type},
          {"link", "https://docs.meilisearch.com/errors#" + code}};
}

ModelAnswer MeilisearchModel::handle(const std::string& method, const std::string& target,
                                     const json& body) {
  const auto path = target.substr(0, target.find('?'));
  std::vector<std::string> parts;
  std::istringstream words{path.substr(1)};
  for (std::string part; std::getline(words, part, '/');) parts.push_back(part);
  if (path == "/health") return {200, {{"status", "available"}}};
  if (path == "/version") {
    return {200, {{"commitSha", "unknown"}, {"commitDate", "unknown"}, {"pkgVersion", "1.12.8"}}};
  }
  if (path == "/swap-indexes") return enqueue("indexSwap", {}, body);
  if (path == "/indexes") return enqueue("indexCreation", body.at("uid"), body);
  if (parts.front() == "tasks") return task(std::stoul(parts.at(1)));
  const auto rest = path.substr(std::string{"/indexes/"}.size() + parts.at(1).size());
  return of_index(method, parts.at(1), rest, body);
}

ModelAnswer MeilisearchModel::of_index(const std::string& method, const std::string& uid,
                                       const std::string& rest, const json& body) {
  if (method == "DELETE" && rest.empty()) return enqueue("indexDeletion", uid, body);
  if (method == "PATCH") return enqueue("settingsUpdate", uid, body);
  if (rest == "/documents") return enqueue("documentAdditionOrUpdate", uid, body);
  if (rest == "/documents/delete-batch") return enqueue("documentDeletion", uid, body);
  const auto found = indexes.find(uid);
  if (found == indexes.end()) return refusal(404, "index_not_found");
  const auto& index = found->second;
  if (rest == "/settings") return {200, index.settings};
  if (rest == "/documents/fetch") return fetch(index, body);
  if (rest == "/search") return search(body);
  if (rest == "/stats") {
    return {200,
            {{"numberOfDocuments", index.documents.size()},
             {"isIndexing", false},
             {"fieldDistribution", json::object()}}};
  }
  const auto document = index.documents.find(std::stoll(rest.substr(rest.rfind('/') + 1)));
  if (document == index.documents.end()) return refusal(404, "document_not_found");
  return {200, document->second};
}

ModelAnswer MeilisearchModel::fetch(const Index& index, const json& body) const {
  if (!may_filter_by_id(index)) return refusal(400, "invalid_document_filter");
  const Filter filter{body.at("filter").get<std::string>()};
  auto results = json::array();
  for (const auto& [id, document] : index.documents) {
    if (!filter.passes(document)) continue;
    json part;
    for (const auto& field : body.at("fields")) {
      if (document.contains(field)) part[field.get<std::string>()] = document.at(field);
    }
    results.push_back(part);
  }
  const auto total = results.size();
  return {200,
          {{"results", std::move(results)},
           {"offset", 0},
           {"limit", body.at("limit")},
           {"total", total}}};
}

ModelAnswer MeilisearchModel::search(const json& body) const {
  const auto text = body.value("q", std::string{});
  const auto given = hits_by_text.find(text);
  const auto& found = given == hits_by_text.end() ? hits : given->second;
  return {200,
          {{"hits", found},
           {"query", text},
           {"processingTimeMs", 1},
           {"limit", body.value("limit", 20)},
           {"offset", 0},
           {"estimatedTotalHits", found.size()}}};
}

ModelAnswer MeilisearchModel::enqueue(const std::string& kind, const std::string& index,
                                      const json& body) {
  tasks_.push_back(
      {kind, index, body, "enqueued", task_error.value_or(json{}), task_error.has_value()});
  return {202,
          {{"taskUid", tasks_.size() - 1},
           {"indexUid", index.empty() ? json{} : json(index)},
           {"status", "enqueued"},
           {"type", kind},
           {"enqueuedAt", "2026-01-31T09:08:07.123456789Z"}}};
}

// A task is reported once as enqueued, once as processing, then as finished.
ModelAnswer MeilisearchModel::task(std::size_t id) {
  if (id >= tasks_.size()) return refusal(404, "task_not_found");
  const auto seen = tasks_[id].status;
  if (tasks_move && seen == "enqueued") tasks_[id].status = "processing";
  if (tasks_move && seen == "processing") end(id);
  const auto& task = tasks_[id];
  const bool failed = seen == "failed";
  const bool done = failed || seen == "succeeded";
  return {200,
          {{"uid", id},
           {"batchUid", seen == "enqueued" ? json{} : json(id)},
           {"indexUid", task.index.empty() ? json{} : json(task.index)},
           {"status", seen},
           {"type", task.kind},
           {"canceledBy", json{}},
           {"details", json::object()},
           {"error", failed ? task.error : json{}},
           {"duration", done ? json("PT0.005090192S") : json{}},
           {"enqueuedAt", "2026-01-31T09:08:07.123456789Z"},
           {"startedAt", seen == "enqueued" ? json{} : json("2026-01-31T09:08:07.133456789Z")},
           {"finishedAt", done ? json("2026-01-31T09:08:07.138546981Z") : json{}}}};
}

void MeilisearchModel::end(std::size_t id) {
  for (std::size_t i = 0; i <= id; ++i) {
    auto& task = tasks_[i];
    if (task.status == "succeeded" || task.status == "failed") continue;
    if (!task.will_be_refused) task.error = run(task);
    task.status = task.error.is_null() ? "succeeded" : "failed";
  }
}

json MeilisearchModel::run(const Task& task) {
  const auto missing = error("index_not_found", "invalid_request");
  const bool exists = indexes.contains(task.index);
  if (task.kind == "indexCreation") {
    if (exists) return error("index_already_exists", "invalid_request");
    indexes[task.index] = {};
  } else if (task.kind == "indexDeletion") {
    if (indexes.erase(task.index) == 0) return missing;
  } else if (task.kind == "settingsUpdate") {
    indexes[task.index].settings.merge_patch(task.body);
  } else if (task.kind == "documentAdditionOrUpdate") {
    return add(indexes[task.index], task.body);
  } else if (task.kind == "documentDeletion") {
    if (!exists) return missing;
    for (const auto& id : task.body) indexes[task.index].documents.erase(id.get<std::int64_t>());
  } else {
    const auto& pair = task.body.at(0).at("indexes");
    if (!indexes.contains(pair.at(0)) || !indexes.contains(pair.at(1))) return missing;
    std::swap(indexes[pair.at(0)], indexes[pair.at(1)]);
  }
  return {};
}

// All of them or none, as in Meilisearch.
json MeilisearchModel::add(Index& index, const json& documents) {
  for (const auto& document : documents) {
    if (!document.contains("id")) return error("missing_document_id", "invalid_request");
    if (!document.at("id").is_number_integer()) {
      return error("invalid_document_id", "invalid_request");
    }
  }
  for (const auto& document : documents) {
    index.documents[document.at("id").get<std::int64_t>()] = document;
  }
  return {};
}

}  // namespace fechatter::test
