#include "fechatter_server/chat/chat_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/chat_members.hpp"
#include "fechatter_server/chat/chats.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t search_bytes_max = 512;

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
  if (!fields.find_text("name", typed_length).value_or("").empty()) {
    draft.name = name_field(fields, "name", chat_name_length_max);
  }
  draft.description =
      fields.find_text("description", {0, chat_description_length_max}).value_or("");
  draft.members = fields.ids<UserId>("members", members_of_one_request_max);
  fields.check();
  return draft;
}

}  // namespace

awaitable<Response> create_chat(const Request& request, App& app) {
  auto draft = read_draft(request);
  app.write_rates().charge(request.user(), Write::chat, 2 + draft.members.size());
  const auto created = co_await app.chats().create(request.user().caller(), std::move(draft));
  co_return http::json_response(created.existed ? 200 : 201, to_json(created.chat));
}

awaitable<Response> list_chats(const Request& request, App& app) {
  const auto summaries = co_await app.chats().list(request.user().caller());
  auto body = nlohmann::json::array();
  for (const auto& summary : summaries) body.push_back(to_json(summary, request.user().user_id));
  co_return http::json_response(200, body);
}

awaitable<Response> get_chat(const Request& request, App& app) {
  const auto chat = co_await app.chats().get(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::json_response(200, to_json(chat));
}

awaitable<Response> list_public_channels(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.query_number("limit", 50, 1, 100);
  const ChatId after{request.query_number("after_id", 0, 0, id_max)};
  auto part = request.find_query("q").value_or("");
  if (part.size() > search_bytes_max) throw invalid_field("q", "is too long");
  const auto channels =
      co_await app.chats().list_public(request.user().caller(), std::move(part), after, limit);
  auto body = nlohmann::json::array();
  for (const auto& channel : channels) body.push_back(to_json(channel));
  co_return http::json_response(200, body);
}

awaitable<Response> update_chat(const Request& request, App& app) {
  const auto id = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  ChatPatch patch;
  patch.name = find_name_field(fields, "name", chat_name_length_max);
  patch.description = fields.find_text("description", {0, chat_description_length_max});
  fields.check();
  app.write_rates().charge(request.user(), Write::other);
  const auto chat = co_await app.chats().update(request.user().caller(), id, std::move(patch));
  co_return http::json_response(200, to_json(chat));
}

awaitable<Response> delete_chat(const Request& request, App& app) {
  app.write_rates().charge(request.user(), Write::other);
  co_await app.chats().remove(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::no_content();
}

awaitable<Response> restore_chat(const Request& request, App& app) {
  const auto chat =
      co_await app.chats().restore(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::json_response(200, to_json(chat));
}

}  // namespace fechatter::server
