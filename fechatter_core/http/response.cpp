#include "fechatter_core/http/response.hpp"

#include <nlohmann/json.hpp>

namespace fechatter::http {
namespace {

using nlohmann::json;

// A detail can quote a client's text, and a response must not fail for its encoding.
std::string dumped(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

json field_errors(const std::vector<FieldError>& fields) {
  json errors = json::array();
  for (const auto& field : fields) {
    errors.push_back({{"field", field.field}, {"detail", field.detail}});
  }
  return errors;
}

}  // namespace

std::uint64_t Response::body_size() const {
  if (range) return range->size;
  return source ? source->size().value() : bytes().size();
}

Response& Response::with_header(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response json_response(int status, const json& body) {
  return json_text_response(status, dumped(body));
}

Response json_text_response(int status, std::string json) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(json);
  return response;
}

Response text_response(int status, std::string_view body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = body;
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

Response problem_response(const Error& error, std::string_view request_id) {
  const auto& info = error.info();
  const std::string detail = error.what();
  json problem{
      {"type", "urn:fechatter:problem:" + std::string{info.code}},
      {"title", info.title},
      {"status", info.status},
      {"detail", detail},
      {"code", info.code},
      {"request_id", request_id},
      {"message", detail},
      {"error", detail},
  };
  if (info.status == 422) problem["errors"] = field_errors(error.fields());
  Response response = json_response(info.status, problem);
  response.content_type = "application/problem+json";
  if (error.code() == ErrorCode::unsupported_content_coding) {
    response.with_header("Accept-Encoding", "identity");
  }
  if (info.status == 401) response.with_header("WWW-Authenticate", "Bearer");
  if (info.status == 429 || info.status == 503) {
    const auto wait = error.retry_after().value_or(std::chrono::seconds{1});
    response.with_header("Retry-After", std::to_string(wait.count()));
  }
  return response;
}

}  // namespace fechatter::http
