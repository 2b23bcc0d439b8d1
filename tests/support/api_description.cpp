#include "tests/support/api_description.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "fechatter_server/docs/openapi_bundle.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/places.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using Defects = std::vector<std::string>;

constexpr const char* methods[] = {"get", "head", "post", "put", "patch", "delete", "options"};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> found;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    found.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return found;
}

bool fits(const std::string& path, const std::string& target) {
  const auto expected = segments(path);
  const auto actual = segments(target.substr(0, target.find('?')));
  return std::equal(expected.begin(), expected.end(), actual.begin(), actual.end(),
                    [](const auto& left, const auto& right) {
                      return left == right || (left.starts_with('{') && !right.empty());
                    });
}

auto parameters_in(const std::string& path) {
  return std::count(path.begin(), path.end(), '{');
}

std::string media_type(const std::string& content_type) {
  return content_type.substr(0, content_type.find(';'));
}

std::string problem_code(const Reply& reply) {
  const bool is_problem = reply.header("content-type") == "application/problem+json";
  if (!is_problem || reply.body.empty()) return "";  // of HEAD
  return json::parse(reply.body).value("code", "");
}

// Error codes of requests that reach no endpoint.
bool is_for_all(const std::string& code) {
  static const std::set<std::string> codes{"request.malformed", "request.timeout",
                                           "request.too_large", "request.headers_too_large",
                                           "request.not_implemented"};
  return codes.contains(code);
}

void append(Defects& defects, const char* where, const Defects& more) {
  for (const auto& defect : more) defects.push_back(fmt::format("{} {}", where, defect));
}

Defects header_defects(const ApiDescription& description, const json& response,
                       const Reply& reply) {
  Defects defects;
  const auto headers = response.value("headers", json::object());
  for (const auto& [name, node] : headers.items()) {
    const auto& header = description.resolved(node);
    const auto found = reply.headers.find(lower(name));
    if (found != reply.headers.end()) {
      append(defects, name.c_str(),
             schema_defects(description.document(), header.at("schema"), found->second,
                            OtherFields::refused));
    } else if (header.value("required", false)) {
      defects.push_back("the header " + name + " is missing");
    }
  }
  return defects;
}

Defects body_defects(const ApiDescription& description, const json& response, const Reply& reply) {
  if (!response.contains("content")) {
    return reply.body.empty() ? Defects{} : Defects{"a body where none is described"};
  }
  const auto type = media_type(reply.header("content-type"));
  auto content = response.at("content").find(type);
  if (content == response.at("content").end()) content = response.at("content").find("*/*");
  if (content == response.at("content").end()) return {"the content type " + type};
  if (!content->contains("schema")) return {};
  const auto body = type.ends_with("json") ? json::parse(reply.body) : json(reply.body);
  return schema_defects(description.document(), content->at("schema"), body, OtherFields::refused);
}

Defects request_body_defects(const ApiDescription& description, const json& operation,
                             const json& sent_body) {
  if (!operation.contains("requestBody")) return {};
  const auto& body = description.resolved(operation.at("requestBody"));
  if (!body.at("content").contains("application/json")) return {};
  const auto& schema = body.at("content").at("application/json").at("schema");
  return schema_defects(description.document(), schema, sent_body, OtherFields::allowed);
}

}  // namespace

const ApiDescription& ApiDescription::instance() {
  static const ApiDescription description{json(docs::bundle_openapi(source_path("docs/openapi")))};
  return description;
}

ApiDescription::ApiDescription(json document) : document_(std::move(document)) {
  static const json by_default{"fechatter_server"};
  for (const auto& [path, item] : document_.at("paths").items()) {
    const auto& served_by = item.contains("x-served-by") ? item.at("x-served-by") : by_default;
    for (const auto* method : methods) {
      if (!item.contains(method)) continue;
      operations_.push_back({upper(method), path, served_by, &item, &item.at(method)});
    }
  }
}

const json& ApiDescription::resolved(const json& node) const {
  return test::resolved(document_, node);
}

const DescribedOperation* ApiDescription::find(const std::string& server, const std::string& method,
                                               const std::string& target) const {
  const DescribedOperation* found = nullptr;
  for (const auto& operation : operations_) {
    const auto& servers = operation.servers;
    if (operation.method != method || !fits(operation.path, target)) continue;
    if (std::find(servers.begin(), servers.end(), server) == servers.end()) continue;
    // The path with fewer parameters takes precedence, as in the router.
    if (!found || parameters_in(operation.path) < parameters_in(found->path)) found = &operation;
  }
  if (!found && method == "HEAD") return find(server, "GET", target);
  return found;
}

const json* ApiDescription::find_response(const DescribedOperation& operation,
                                          const Reply& reply) const {
  const auto& responses = operation.operation->at("responses");
  const auto status = std::to_string(reply.status);
  if (responses.contains(status)) return &resolved(responses.at(status));
  return is_for_all(problem_code(reply)) ? &resolved(responses.at("default")) : nullptr;
}

Defects ApiDescription::defects(const DescribedRequest& sent, const Reply& reply) const {
  const auto* operation = find(sent.server, sent.method, sent.target);
  if (!operation) {
    const bool refused = reply.status == 404 || reply.status == 405 || sent.method == "OPTIONS" ||
                         is_for_all(problem_code(reply));
    return refused ? Defects{} : Defects{"this endpoint is not described"};
  }
  const auto* response = find_response(*operation, reply);
  if (!response) return {fmt::format("the status {} is not described", reply.status)};
  auto defects = header_defects(*this, *response, reply);
  if (sent.method != "HEAD") append(defects, "response", body_defects(*this, *response, reply));
  if (reply.status < 300 && sent.body) {
    append(defects, "request", request_body_defects(*this, *operation->operation, *sent.body));
  }
  return defects;
}

Defects ApiDescription::defects(const SseEvent& event) const {
  const auto* stream = find("notify_server", "GET", "/events");
  const auto& events = stream->operation->at("x-events");
  const auto name = event.name.empty() ? "heartbeat" : event.name;
  if (!events.contains(name)) return {"the event " + name + " is not described"};
  return schema_defects(document_, events.at(name), event.data, OtherFields::refused);
}

Reply described_request(std::uint16_t port, const DescribedRequest& sent, const Headers& headers) {
  auto reply = request(port, sent.method, sent.target, sent.body, headers);
  expect_described(sent, reply);
  return reply;
}

void expect_described(const DescribedRequest& sent, const Reply& reply) {
  const bool in_a_test = testing::UnitTest::GetInstance()->current_test_info() != nullptr;
  if (!in_a_test || reply.status == 0) return;
  for (const auto& defect : ApiDescription::instance().defects(sent, reply)) {
    ADD_FAILURE() << sent.method << " " << sent.target << " -> " << reply.status
                  << " is not as docs/openapi says: " << defect << "\n"
                  << reply.body;
  }
}

void expect_described(const SseEvent& event) {
  if (!testing::UnitTest::GetInstance()->current_test_info()) return;
  for (const auto& defect : ApiDescription::instance().defects(event)) {
    ADD_FAILURE() << "an event is not as docs/openapi says: " << defect << "\n"
                  << event.data.dump();
  }
}

}  // namespace fechatter::test
