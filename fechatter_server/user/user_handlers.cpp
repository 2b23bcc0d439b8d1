#include "fechatter_server/user/user_handlers.hpp"

#include <limits>

#include "fechatter_server/app.hpp"
#include "fechatter_server/json.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t search_bytes_max = 254;

}  // namespace

awaitable<Response> list_users(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.query_number("limit", 50, 1, 100);
  const UserId after{request.query_number("after_id", 0, 0, id_max)};
  auto part = request.find_query("q").value_or("");
  if (part.size() > search_bytes_max) throw invalid_field("q", "is too long");
  const auto users = co_await app.users().list(request.user(), std::move(part), after, limit);
  auto body = nlohmann::json::array();
  for (const auto& user : users) body.push_back(to_json(user));
  co_return http::json_response(200, body);
}

awaitable<Response> get_own_profile(const Request& request, App& app) {
  const auto user = co_await app.users().get(request.user(), request.user().user_id);
  co_return http::json_response(200, to_json(user));
}

awaitable<Response> get_profile(const Request& request, App& app) {
  const auto user = co_await app.users().get(request.user(), request.id_of<UserId>("id"));
  co_return http::json_response(200, to_json(user));
}

}  // namespace fechatter::server
