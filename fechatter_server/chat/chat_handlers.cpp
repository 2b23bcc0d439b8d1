#include "fechatter_server/chat/chat_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/chat/chat_service.hpp"
#include "fechatter_server/json.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

ChatDraft read_draft(const Request& request) {
  http::JsonFields fields{request.json_body()};
  accept_older_names(fields);
  ChatDraft draft;
  const auto type = find_chat_type(fields.text("chat_type", {1, 32}));
  if (type) {
    draft.type = *type;
  } else if (fields.has("chat_type")) {
    fields.reject("chat_type", "must be Single, Group, PrivateChannel or PublicChannel");
  }
  draft.name = fields.find_text("name", {0, chat_name_length_max}).value_or("");
  draft.description =
      fields.find_text("description", {0, chat_description_length_max}).value_or("");
  draft.members = fields.ids<UserId>("members", draft_members_max);
  fields.check();
  return draft;
}

}  // namespace

awaitable<Response> create_chat(const Request& request, App& app) {
  auto draft = read_draft(request);
  const auto created = co_await app.chats().create(request.user(), std::move(draft));
  co_return http::json_response(created.existed ? 200 : 201, to_json(created.chat));
}

awaitable<Response> list_chats(const Request& request, App& app) {
  const auto summaries = co_await app.chats().list(request.user());
  auto body = nlohmann::json::array();
  for (const auto& summary : summaries) body.push_back(to_json(summary, request.user().user_id));
  co_return http::json_response(200, body);
}

awaitable<Response> get_chat(const Request& request, App& app) {
  const auto chat = co_await app.chats().get(request.user(), request.id_of<ChatId>("id"));
  co_return http::json_response(200, to_json(chat));
}

awaitable<Response> list_chat_members(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.query_number("limit", 50, 1, 100);
  const UserId after{request.query_number("after_id", 0, 0, id_max)};
  const auto chat = request.id_of<ChatId>("id");
  const auto members = co_await app.chats().members(request.user(), chat, after, limit);
  auto body = nlohmann::json::array();
  for (const auto& member : members) body.push_back(to_json(member));
  co_return http::json_response(200, body);
}

}  // namespace fechatter::server
