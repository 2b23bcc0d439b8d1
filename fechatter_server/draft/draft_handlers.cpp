#include "fechatter_server/draft/draft_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/draft/draft_json.hpp"
#include "fechatter_server/message/message_handlers.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr auto version_max = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t rows_of_a_change = 2;  // the draft and its event

std::optional<std::int64_t> find_number(const Request& request, const char* name,
                                        std::int64_t min) {
  if (!request.find_query(name)) return std::nullopt;
  return request.query_number(name, min, min, version_max);
}

// The refusal of an outdated version carries the newer draft.
Response outdated_response(const Request& request, const Draft& newer) {
  const Error error{ErrorCode::draft_outdated, "Another session has changed this draft."};
  auto response = http::problem_response(error, request.id);
  auto problem = nlohmann::json::parse(response.body);
  problem["draft"] = to_json(newer);
  response.body = problem.dump();
  return response;
}

Response respond(const Request& request, const ChangedDraft& changed) {
  if (changed.outdated) return outdated_response(request, changed.draft);
  return http::json_response(200, {{"version", changed.draft.version}});
}

}  // namespace

awaitable<Response> put_draft(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  auto message = read_draft(request, fields);
  const auto version = fields.find_number("version", 0, version_max);
  if (!fields.has("version")) fields.reject("version", "is required");
  fields.check();
  app.write_rates().charge(request.user(), Write::other, rows_of_a_change);
  const auto changed =
      co_await app.drafts().put(request.user().caller(), chat, std::move(message), version);
  co_return respond(request, changed);
}

awaitable<Response> get_draft(const Request& request, App& app) {
  const auto draft =
      co_await app.drafts().get(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::json_response(200, to_json(draft));
}

awaitable<Response> delete_draft(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto version = find_number(request, "version", 0);
  app.write_rates().charge(request.user(), Write::other, rows_of_a_change);
  MessageDraft nothing;
  const auto changed =
      co_await app.drafts().put(request.user().caller(), chat, std::move(nothing), version);
  co_return respond(request, changed);
}

awaitable<Response> list_drafts(const Request& request, App& app) {
  const auto limit = static_cast<std::size_t>(request.page_limit(50, 100));
  const auto before = find_number(request, "cursor", 1);
  const auto list = co_await app.drafts().list(request.user().caller(), before, limit);
  std::size_t bytes = 0;
  for (const auto& draft : list.drafts) bytes += json_size(draft);
  auto respond_list = [&list] {
    auto body = nlohmann::json::array();
    for (const auto& draft : list.drafts) body.push_back(to_json(draft));
    return http::json_response(200, body);
  };
  auto response = co_await app.answers().make(bytes, std::move(respond_list));
  if (list.next) response.with_header(next_cursor_header, std::to_string(*list.next));
  co_return response;
}

}  // namespace fechatter::server
