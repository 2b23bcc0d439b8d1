#include "fechatter_server/docs/docs_handlers.hpp"

#include <algorithm>

#include "fechatter_core/http/entity_tag.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/docs/documents.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

Response answer(const Request& request, const App& app, const Document& document) {
  Response response;
  response.with_header("ETag", document.etag);
  response.with_header("Cache-Control", "no-cache");  // kept, but asked about each time
  response.with_header("Content-Security-Policy", app.docs().content_security_policy());
  if (http::is_known_to_client(request, document.etag)) {
    response.status = 304;
  } else {
    response.content_type = document.content_type;
    response.fixed_body = document.bytes;
  }
  return response;
}

}  // namespace

awaitable<Response> get_api_description(const Request& request, App& app) {
  co_return answer(request, app, app.docs().description());
}

// Relative, so that it is right behind a gateway that serves everything below a path.
awaitable<Response> go_to_docs(const Request&, App&) {
  auto response = http::text_response(302, "The documentation is at /docs.\n");
  response.with_header("Location", "../docs");
  co_return response;
}

awaitable<Response> get_docs_page(const Request& request, App& app) {
  co_return answer(request, app, docs_page());
}

awaitable<Response> get_docs_file(const Request& request, App& app) {
  const auto& parameters = request.path_parameters;
  const auto name = std::find_if(parameters.begin(), parameters.end(),
                                 [](const auto& parameter) { return parameter.first == "file"; });
  const auto* file = name == parameters.end() ? nullptr : find_docs_file(name->second);
  if (!file) throw Error{ErrorCode::not_found, "There is no such file."};
  co_return answer(request, app, *file);
}

}  // namespace fechatter::server
