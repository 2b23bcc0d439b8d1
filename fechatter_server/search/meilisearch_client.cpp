#include "fechatter_server/search/meilisearch_client.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds poll_min{2};
constexpr std::chrono::milliseconds poll_max{50};

std::string text_of(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_of(const json& object, const char* name, std::int64_t otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                             : otherwise;
}

http::ClientLimits limits_of(const MeilisearchSettings& settings) {
  http::ClientLimits limits;
  limits.connect_timeout = settings.connect_timeout;
  limits.response_timeout = settings.answer_timeout;
  return limits;
}

// A proxy before Meilisearch fails with a status alone. Meilisearch itself fails with the type of
// its error as well (a full disk is 422).
bool is_failure(long status) {
  return status < 200 || (status > 299 && status < 400) || status == 401 || status == 403 ||
         status == 408 || status == 429 || status >= 500;
}

}  // namespace

bool MeilisearchRefusal::is_about_documents() const {
  return code().starts_with("invalid_document") || code() == "missing_document_id" ||
         code() == "max_fields_limit_exceeded" || code() == "payload_too_large" ||
         code() == "malformed_payload";
}

MeilisearchClient::MeilisearchClient(const MeilisearchSettings& settings)
    : settings_{settings}, http_{limits_of(settings)} {}

void MeilisearchClient::check_health() {
  const auto health = request("GET", "/health");
  if (text_of(health, "status") != "available") fail_as_unavailable("GET /health", "not available");
}

std::string MeilisearchClient::version() {
  return text_of(request("GET", "/version"), "pkgVersion");
}

MeilisearchClient::TaskId MeilisearchClient::create_index(const std::string& uid,
                                                          const std::string& primary_key) {
  const json body{{"uid", uid}, {"primaryKey", primary_key}};
  return enqueue("POST", "/indexes", &body);
}

MeilisearchClient::TaskId MeilisearchClient::delete_index(const std::string& uid) {
  return enqueue("DELETE", "/indexes/" + uid);
}

MeilisearchClient::TaskId MeilisearchClient::swap_indexes(const std::string& one,
                                                          const std::string& other) {
  const auto body = json::array({{{"indexes", {one, other}}}});
  return enqueue("POST", "/swap-indexes", &body);
}

MeilisearchClient::Json MeilisearchClient::settings(const std::string& uid) {
  return request("GET", "/indexes/" + uid + "/settings");
}

MeilisearchClient::TaskId MeilisearchClient::update_settings(const std::string& uid,
                                                             const Json& settings) {
  return enqueue("PATCH", "/indexes/" + uid + "/settings", &settings);
}

MeilisearchClient::TaskId MeilisearchClient::add_documents(const std::string& uid,
                                                           const Json& documents) {
  return enqueue("POST", "/indexes/" + uid + "/documents?primaryKey=id", &documents);
}

MeilisearchClient::TaskId MeilisearchClient::delete_documents(
    const std::string& uid, const std::vector<std::int64_t>& ids) {
  const json body(ids);
  return enqueue("POST", "/indexes/" + uid + "/documents/delete-batch", &body);
}

std::optional<MeilisearchClient::Json> MeilisearchClient::find_document(const std::string& uid,
                                                                        std::int64_t id) {
  try {
    return request("GET", "/indexes/" + uid + "/documents/" + std::to_string(id));
  } catch (const MeilisearchRefusal& refusal) {
    if (refusal.code() == "document_not_found") return std::nullopt;
    throw;
  }
}

MeilisearchClient::Json MeilisearchClient::documents(const std::string& uid,
                                                     const std::string& filter,
                                                     const std::vector<std::string>& fields,
                                                     std::size_t limit) {
  const json body{{"filter", filter}, {"fields", fields}, {"limit", limit}};
  const auto path = "/indexes/" + uid + "/documents/fetch";
  auto answer = request("POST", path, &body);
  if (!answer.contains("results")) fail_as_unavailable("POST " + path, "no results in the answer");
  return std::move(answer["results"]);
}

std::int64_t MeilisearchClient::count_documents(const std::string& uid) {
  return number_of(request("GET", "/indexes/" + uid + "/stats"), "numberOfDocuments", 0);
}

MeilisearchClient::Json MeilisearchClient::search(const std::string& uid, const Json& query) {
  const auto path = "/indexes/" + uid + "/search";
  auto answer = request("POST", path, &query);
  if (!answer.contains("hits")) fail_as_unavailable("POST " + path, "no hits in the answer");
  return answer;
}

MeilisearchClient::Json MeilisearchClient::task(TaskId id) {
  return request("GET", "/tasks/" + std::to_string(id.value));
}

void MeilisearchClient::await(TaskId id) {
  const auto deadline = Clock::now() + settings_.task_timeout;
  const auto operation = "task " + std::to_string(id.value);
  for (auto pause = poll_min; Clock::now() + pause < deadline;
       pause = std::min(2 * pause, poll_max)) {
    const auto now = task(id);
    const auto status = text_of(now, "status");
    if (status == "succeeded") return;
    if (status == "canceled") fail_as_unavailable(operation, status);
    if (status == "failed") refuse(operation, now.value("error", json{}));
    std::this_thread::sleep_for(pause);
  }
  fail_as_unavailable(operation, "it takes too long");
}

MeilisearchClient::Json MeilisearchClient::request(const std::string& method,
                                                   const std::string& path, const Json* body) {
  const auto operation = method + " " + path;
  http::ClientRequest call{
      method, settings_.url + path, {"Content-Type: application/json", "Expect:"}, {}};
  if (!settings_.key.empty()) call.headers.push_back("Authorization: Bearer " + settings_.key);
  if (body) call.body = body->dump(-1, ' ', false, json::error_handler_t::replace);
  http::ClientResponse answer;
  try {
    answer = http_.send(call);
  } catch (const http::Client::Failure& failure) {
    fail_as_unavailable(operation, failure.what());
  }
  auto value = json::parse(answer.body, nullptr, false);
  if (is_failure(answer.status)) fail_as_unavailable(operation, std::to_string(answer.status));
  if (answer.status >= 400) refuse(operation, value);
  if (!value.is_object()) fail_as_unavailable(operation, "the answer is no JSON object");
  last_failure_.clear();
  return value;
}

MeilisearchClient::TaskId MeilisearchClient::enqueue(const std::string& method,
                                                     const std::string& path, const Json* body) {
  const TaskId id{number_of(request(method, path, body), "taskUid", -1)};
  if (id.value < 0) fail_as_unavailable(method + " " + path, "no task in the answer");
  return id;
}

void MeilisearchClient::refuse(const std::string& operation, const Json& error) {
  const auto code = text_of(error, "code");
  if (text_of(error, "type") != "invalid_request") fail_as_unavailable(operation, code);
  throw MeilisearchRefusal{code};
}

// Logged when the cause is new: callers try again and again.
void MeilisearchClient::fail_as_unavailable(const std::string& operation,
                                            const std::string& cause) {
  if (last_failure_ != cause) spdlog::warn("meilisearch: {}: {}", operation, cause);
  last_failure_ = cause;
  throw Error{ErrorCode::search_unavailable, "Search is not available at the moment."};
}

}  // namespace fechatter::server
