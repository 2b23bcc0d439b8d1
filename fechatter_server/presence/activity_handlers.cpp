#include "fechatter_server/presence/activity_handlers.hpp"

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

awaitable<Response> type(const Request& request, App& app, ChatId chat, bool is_typing) {
  auto setting = app.typing().set(request.user(), chat, is_typing);
  co_await std::move(setting);
  co_return http::no_content();
}

ChatId typed_chat(const Request& request) {
  http::JsonFields fields{request.json_body()};
  const auto chat = fields.id<ChatId>("chat_id");
  fields.check();
  return chat;
}

}  // namespace

awaitable<Response> set_presence(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  const auto name = fields.text("status", {0, 16});
  const auto status = parse_presence_status(name);
  const bool may_be_said = status == PresenceStatus::online || status == PresenceStatus::away;
  if (fields.has("status") && !may_be_said) fields.reject("status", "must be online or away");
  auto platform = fields.find_text("platform", {0, platform_length_max}).value_or("");
  if (!platform.empty() && !is_platform(platform)) {
    fields.reject("platform", "may have ASCII letters, digits, spaces, '.', '_' and '-' only");
  }
  fields.check();
  app.activity().say(request.user(), *status, std::move(platform));
  co_return http::no_content();
}

awaitable<Response> set_typing(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  if (!fields.has("is_typing")) fields.reject("is_typing", "is required");
  const bool is_typing = fields.flag("is_typing", false);
  fields.check();
  return type(request, app, chat, is_typing);
}

awaitable<Response> start_typing(const Request& request, App& app) {
  return type(request, app, typed_chat(request), true);
}

awaitable<Response> stop_typing(const Request& request, App& app) {
  return type(request, app, typed_chat(request), false);
}

awaitable<Response> start_typing_in_chat(const Request& request, App& app) {
  return type(request, app, request.id_of<ChatId>("id"), true);
}

awaitable<Response> stop_typing_in_chat(const Request& request, App& app) {
  return type(request, app, request.id_of<ChatId>("id"), false);
}

}  // namespace fechatter::server
