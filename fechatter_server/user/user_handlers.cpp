#include "fechatter_server/user/user_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/text/url.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/text_fields.hpp"
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

// As read_clearable, for a line that is shown beside a name.
ProfilePatch::Field read_clearable_name(http::JsonFields& fields, std::string_view field,
                                        std::size_t length_max) {
  if (!fields.is_sent(field)) return std::nullopt;
  std::optional<std::string> kept;
  if (fields.find_text(field, typed_length).value_or("").empty()) return kept;
  if (auto name = find_name_field(fields, field, length_max)) kept = std::move(name->text);
  return kept;
}

ProfilePatch read_profile(const Request& request) {
  http::JsonFields fields{request.json_body()};
  ProfilePatch patch;
  if (fields.is_sent("fullname"))
    patch.fullname = name_field(fields, "fullname", fullname_length_max);
  patch.avatar_url = read_clearable(fields, "avatar_url", 2048);
  patch.title = read_clearable_name(fields, "title", 100);
  patch.bio = read_clearable(fields, "bio", 1000);
  if (patch.avatar_url && *patch.avatar_url && !is_loadable(**patch.avatar_url)) {
    fields.reject("avatar_url", "must be an https URL, or an absolute path of this origin");
  }
  fields.check();
  return patch;
}

Response profile_response(const User& user) {
  return http::json_text_response(200, in_older_envelope(json_text(user)));
}

}  // namespace

awaitable<Response> list_users(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.page_limit(50, 100);
  const UserId after{request.query_number("after_id", 0, 0, id_max)};
  auto part = request.find_query("q").value_or("");
  if (part.size() > search_bytes_max) throw invalid_field("q", "is too long");
  const auto users =
      co_await app.users().list(request.user().caller(), std::move(part), after, limit);
  PageBudget budget;
  std::size_t shown = 0;
  while (shown < users.size() && budget.admit(json_size(users[shown]))) ++shown;
  auto respond = [&] {
    JsonWriter out{budget.bytes()};
    {
      const auto array = out.array();
      for (std::size_t i = 0; i < shown; ++i) write_json(out, users[i]);
    }
    return http::json_text_response(200, out.take());
  };
  auto response = co_await app.answers().make(budget.bytes(), std::move(respond));
  if (shown < users.size()) {
    response.with_header(next_cursor_header, std::to_string(users[shown - 1].id.value));
  }
  co_return response;
}

awaitable<Response> get_own_profile(const Request& request, App& app) {
  const auto user = co_await app.users().get(request.user().caller(), request.user().user_id);
  co_return profile_response(user);
}

awaitable<Response> update_own_profile(const Request& request, App& app) {
  auto patch = read_profile(request);
  app.write_rates().charge(request.user(), Write::profile);
  const auto user = co_await app.users().update_profile(request.user().caller(), std::move(patch));
  co_return profile_response(user);
}

awaitable<Response> get_profile(const Request& request, App& app) {
  const auto user = co_await app.users().get(request.user().caller(), request.id_of<UserId>("id"));
  co_return profile_response(user);
}

awaitable<Response> block_user(const Request& request, App& app) {
  co_await app.users().block(request.user().caller(), request.id_of<UserId>("id"));
  co_return http::no_content();
}

awaitable<Response> unblock_user(const Request& request, App& app) {
  co_await app.users().unblock(request.user().caller(), request.id_of<UserId>("id"));
  co_return http::no_content();
}

}  // namespace fechatter::server
