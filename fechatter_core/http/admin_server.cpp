#include "fechatter_core/http/admin_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/http/profile_routes.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t profile_token_min = 16;

// Any other request than a scraper's is a mistake.
Limits admin_limits() {
  Limits limits;
  limits.connections_max = limits.connections_per_address_max = 32;
  limits.body_bytes_max = 1024;
  return limits;
}

auth::Identity refuse_token(std::string_view, const auth::BeforeVerifying&) {
  throw Error{ErrorCode::unauthenticated, "No token is good here."};
}

// What the header of a request can carry as it is, and no shell or URL changes.
bool is_token_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

std::string profile_token(const std::string& path) {
  std::ifstream file{path};
  std::string token;
  if (std::getline(file, token) && token.size() >= profile_token_min &&
      std::ranges::all_of(token, is_token_character)) {
    return token;
  }
  throw ConfigError{
      fmt::format("admin.profile_token_file: the first line of {} is no token: {} or"
                  " more letters, digits, '-' and '_'",
                  path, profile_token_min)};
}

Router admin_router(const AdminSettings& settings, const observability::Metrics& metrics,
                    observability::Profiler& profiler) {
  const auto answer = [&metrics](const Request&) -> awaitable<Response> {
    co_return metrics_response(metrics);
  };
  std::vector<Route> routes;
  if (!settings.profile_token_file.empty()) {
    routes = profile_routes(profiler, profile_token(settings.profile_token_file));
  }
  routes.push_back({Method::get, "/metrics", Access::anyone, answer, Rate::never});
  return {std::move(routes), refuse_token};
}

}  // namespace

void bind_admin(Config& config, AdminSettings& settings) {
  config.bind("admin.enabled", settings.enabled);
  config.bind("admin.address", settings.address);
  config.bind("admin.port", settings.port, 0, 65'535);
  config.bind("admin.metrics_on_main", settings.metrics_on_main);
  config.bind("admin.profile_token_file", settings.profile_token_file);
}

Response metrics_response(const observability::Metrics& metrics) {
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics.text();
  response.with_header("Cache-Control", "no-store");
  return response;
}

Route metrics_route(const observability::Metrics& metrics,
                    std::function<bool(const Request&)> is_internal) {
  auto answer = [&metrics, is_internal = std::move(is_internal)](
                    const Request& request) -> awaitable<Response> {
    if (!is_internal(request)) {
      throw Error{ErrorCode::not_found, "there is nothing at this path"};
    }
    co_return metrics_response(metrics);
  };
  return {Method::get, "/metrics", Access::anyone, std::move(answer), Rate::never};
}

AdminServer::AdminServer(const AdminSettings& settings, const observability::Metrics& metrics)
    : listener_{std::make_unique<Listener>(io_, settings.address, settings.port, admin_limits(),
                                           admin_router(settings, metrics, profiler_))} {}

void AdminServer::start() {
  listener_->start();
  thread_ = std::thread{[this] { io_.run(); }};
}

AdminServer::~AdminServer() {
  if (thread_.joinable()) listener_.reset();
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace fechatter::http
