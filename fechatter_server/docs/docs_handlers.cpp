#include "fechatter_server/docs/docs_handlers.hpp"

#include <algorithm>

#include "fechatter_core/http/syntax.hpp"
#include "fechatter_server/docs/documents.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

// data: is for the icons inside Swagger UI's style sheet.
constexpr const char* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// RFC 9110 §13.1.2; a proxy that compresses makes our tag a weak one.
bool is_known_to_client(const Request& request, const Document& document) {
  const auto* header = request.find_header("if-none-match");
  if (!header) return false;
  std::string_view known{*header};
  while (!known.empty()) {
    auto tag = http::trimmed(http::take_until(known, ','));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == document.etag || tag == "*") return true;
  }
  return false;
}

Response answer(const Request& request, const Document& document) {
  Response response;
  response.with_header("ETag", document.etag);
  response.with_header("Cache-Control", "no-cache");  // kept, but asked about each time
  response.with_header("Content-Security-Policy", page_policy);
  if (is_known_to_client(request, document)) {
    response.status = 304;
  } else {
    response.content_type = document.content_type;
    response.fixed_body = document.bytes;
  }
  return response;
}

}  // namespace

awaitable<Response> get_api_description(const Request& request, App&) {
  co_return answer(request, api_description());
}

awaitable<Response> get_docs_page(const Request& request, App&) {
  co_return answer(request, docs_page());
}

awaitable<Response> get_docs_file(const Request& request, App&) {
  const auto& parameters = request.path_parameters;
  const auto name = std::find_if(parameters.begin(), parameters.end(),
                                 [](const auto& parameter) { return parameter.first == "file"; });
  const auto* file = name == parameters.end() ? nullptr : find_docs_file(name->second);
  if (!file) throw Error{ErrorCode::not_found, "There is no such file."};
  co_return answer(request, *file);
}

}  // namespace fechatter::server
