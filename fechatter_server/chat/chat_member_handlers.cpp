#include "fechatter_server/chat/chat_member_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/chat_members.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/role_names.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

// With a name of 50 and an address of 254 characters.
constexpr std::size_t member_bytes_max = 2048;
constexpr std::int64_t limit_max = 100;
static_assert(limit_max * member_bytes_max <= page_bytes_max);

// Of the list as JSON, for names and addresses of ordinary length.
std::size_t bytes_of(const std::vector<ChatMember>& members) {
  constexpr std::size_t ordinary_member = 256;
  return members.size() * ordinary_member;
}

// The body is either an array of ids or {"members": ids}.
std::vector<UserId> read_members(const Request& request) {
  auto body = request.json_body(true);
  if (body.is_array()) {
    json object{{"members", std::move(body)}};
    body = std::move(object);
  }
  http::JsonFields fields(std::move(body));
  accept_older_names(fields);
  auto members = fields.ids<UserId>("members", members_of_one_request_max);
  fields.check();
  if (members.empty()) throw invalid_field("members", "is required");
  return members;
}

// Without a body, or without a role in it, the chat is handed over.
ChatRole read_role(const Request& request) {
  if (request.body.empty()) return ChatRole::owner;
  http::JsonFields fields{request.json_body()};
  const auto name = fields.find_text("role", {1, 16});
  const auto role = find_role<ChatRole>(name.value_or("owner"));
  if (!role) fields.reject("role", "must be owner, admin or member");
  fields.check();
  return *role;
}

}  // namespace

awaitable<Response> list_chat_members(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.page_limit(50, limit_max);
  const UserId after{request.query_number("after_id", 0, 0, id_max)};
  const auto chat = request.id_of<ChatId>("id");
  const auto members =
      co_await app.chat_members().list(request.user().caller(), chat, after, limit);
  auto respond = [&members] { return http::json_text_response(200, json_text(members)); };
  co_return co_await app.answers().make(bytes_of(members), std::move(respond));
}

awaitable<Response> add_chat_members(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  auto users = read_members(request);
  app.write_rates().charge(request.user(), Write::members, users.size());
  const auto added =
      co_await app.chat_members().add(request.user().caller(), chat, std::move(users));
  auto respond = [&added] { return http::json_text_response(201, json_text(added)); };
  co_return co_await app.answers().make(bytes_of(added), std::move(respond));
}

awaitable<Response> remove_chat_members(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  auto users = read_members(request);
  app.write_rates().charge(request.user(), Write::members, users.size());
  co_await app.chat_members().remove(request.user().caller(), chat, std::move(users));
  co_return http::no_content();
}

awaitable<Response> set_chat_role(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto target = request.id_of<UserId>("member_id");
  const auto role = read_role(request);
  app.write_rates().charge(request.user(), Write::members);
  const auto member =
      co_await app.chat_members().set_role(request.user().caller(), chat, target, role);
  co_return http::json_text_response(200, json_text(member));
}

awaitable<Response> join_chat(const Request& request, App& app) {
  app.write_rates().charge(request.user(), Write::members);
  const auto chat =
      co_await app.chat_members().join(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::json_text_response(200, json_text(chat));
}

awaitable<Response> leave_chat(const Request& request, App& app) {
  app.write_rates().charge(request.user(), Write::members);
  co_await app.chat_members().leave(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::no_content();
}

awaitable<Response> take_over_chats(const Request& request, App& app) {
  AuditedCaller by{request.user().caller(), request.id};
  const auto owner = request.id_of<UserId>("id");
  const auto chats = co_await app.chat_members().take_over(std::move(by), owner);
  co_return http::json_text_response(200, json_text(chats));
}

}  // namespace fechatter::server
