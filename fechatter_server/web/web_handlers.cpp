#include "fechatter_server/web/web_handlers.hpp"

#include "fechatter_server/app.hpp"

namespace fechatter::server {

awaitable<http::Response> get_start_page(const http::Request& request, App& app) {
  co_return app.web().start_page(request);
}

awaitable<http::Response> get_web_asset(const http::Request& request, App& app) {
  co_return app.web().asset(request, request.path_parameters.at(0).second);
}

awaitable<http::Response> get_client_config(const http::Request& request, App& app) {
  co_return app.web().client_config(request);
}

awaitable<http::Response> get_web_page(const http::Request& request, App& app) {
  co_return app.web().page_or_file(request);
}

}  // namespace fechatter::server
