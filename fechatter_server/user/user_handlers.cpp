#include "fechatter_server/user/user_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/user/user_json.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t search_bytes_max = 254;

// A null or an empty text clears the field.
ProfilePatch::Field read_clearable(http::JsonFields& fields, std::string_view name,
                                   std::size_t length_max) {
  if (!fields.is_sent(name)) return std::nullopt;
  auto text = fields.find_text(name, {0, length_max}).value_or("");
  std::optional<std::string> kept;
  if (!text.empty()) kept = std::move(text);
  return kept;
}

// Pages show it as an image to other users: no javascript: and no data:.
bool is_fit_for_an_image(std::string_view url) {
  const bool absolute_path = url.starts_with('/') && !url.starts_with("//");
  return absolute_path || url.starts_with("https://") || url.starts_with("http://");
}

ProfilePatch read_profile(const Request& request) {
  http::JsonFields fields{request.json_body()};
  ProfilePatch patch;
  if (fields.is_sent("fullname")) patch.fullname = fields.text("fullname", {1, 50});
  patch.avatar_url = read_clearable(fields, "avatar_url", 2048);
  patch.title = read_clearable(fields, "title", 100);
  patch.bio = read_clearable(fields, "bio", 1000);
  if (patch.avatar_url && *patch.avatar_url && !is_fit_for_an_image(**patch.avatar_url)) {
    fields.reject("avatar_url", "must be an http or https URL, or an absolute path");
  }
  fields.check();
  return patch;
}

}  // namespace

awaitable<Response> list_users(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.query_number("limit", 50, 1, 100);
  const UserId after{request.query_number("after_id", 0, 0, id_max)};
  auto part = request.find_query("q").value_or("");
  if (part.size() > search_bytes_max) throw invalid_field("q", "is too long");
  const auto users =
      co_await app.users().list(request.user().caller(), std::move(part), after, limit);
  PageBudget budget;
  std::size_t shown = 0;
  while (shown < users.size() && budget.admit(json_size(users[shown]))) ++shown;
  auto respond = [&] {
    auto body = nlohmann::json::array();
    for (std::size_t i = 0; i < shown; ++i) body.push_back(to_json(users[i]));
    return http::json_response(200, body);
  };
  auto response = co_await app.answers().make(budget.bytes(), std::move(respond));
  if (shown < users.size()) {
    response.with_header(next_cursor_header, std::to_string(users[shown - 1].id.value));
  }
  co_return response;
}

awaitable<Response> get_own_profile(const Request& request, App& app) {
  const auto user = co_await app.users().get(request.user().caller(), request.user().user_id);
  co_return http::json_response(200, to_json(user));
}

awaitable<Response> update_own_profile(const Request& request, App& app) {
  auto patch = read_profile(request);
  const auto user = co_await app.users().update_profile(request.user().caller(), std::move(patch));
  co_return http::json_response(200, to_json(user));
}

awaitable<Response> get_profile(const Request& request, App& app) {
  const auto user = co_await app.users().get(request.user().caller(), request.id_of<UserId>("id"));
  co_return http::json_response(200, to_json(user));
}

}  // namespace fechatter::server
