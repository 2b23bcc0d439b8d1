#include "notify_server/presence/presence_handlers.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "fechatter_core/http/json_fields.hpp"
#include "notify_server/notify_app.hpp"

namespace fechatter::notify {
namespace {

constexpr auto id_max = std::numeric_limits<std::int64_t>::max();

using Present = std::unordered_map<UserId, UserState>;

Present present_in(NotifyApp& app, WorkspaceId workspace) {
  Present present;
  for (auto& user : app.presence().present_in(workspace)) {
    present.emplace(user.user_id, std::move(user.state));
  }
  return present;
}

std::vector<UserId> ids_of(const Present& present) {
  std::vector<UserId> ids;
  ids.reserve(present.size());
  for (const auto& [user, state] : present) ids.push_back(user);
  return ids;
}

http::Response respond(const std::vector<postgres::PersonRow>& people, const Present& present) {
  auto body = nlohmann::json::array();
  for (const auto& person : people) {
    const auto& state = present.at(person.user_id);
    nlohmann::json item{{"user_id", person.user_id.value},
                        {"fullname", person.fullname},
                        {"email", person.email},
                        {"status", to_text(state.status)},
                        {"last_seen", to_rfc3339(wall_time(state.since))},
                        {"platform", nullptr}};
    if (!state.platform.empty()) item["platform"] = state.platform;
    body.push_back(std::move(item));
  }
  return http::json_response(200, body);
}

// The present members of the caller's chats, or of one of them.
awaitable<http::Response> list_fellows(const http::Request& request, NotifyApp& app, ChatId chat) {
  const auto caller = request.user().user_id;
  const auto present = present_in(app, request.user().workspace_id);
  const bool caller_is_present = present.contains(caller);
  auto users = ids_of(present);
  // The caller is looked up as well: a chat without the caller is not found.
  if (!caller_is_present) users.push_back(caller);
  auto reading = postgres::read_fellows(app.database(), caller, chat, std::move(users));
  auto fellows = co_await std::move(reading);
  const auto is_caller = [caller](const auto& person) { return person.user_id == caller; };
  if (chat.value != 0 && std::none_of(fellows.begin(), fellows.end(), is_caller)) {
    throw Error{ErrorCode::chat_not_found, "There is no such chat."};
  }
  if (!caller_is_present) std::erase_if(fellows, is_caller);
  co_return respond(fellows, present);
}

awaitable<http::Response> list_of_workspace(const http::Request& request, NotifyApp& app,
                                            WorkspaceId workspace) {
  if (workspace != request.user().workspace_id) {
    throw Error{ErrorCode::not_found, "There is no such workspace."};
  }
  const auto present = present_in(app, workspace);
  auto reading = postgres::read_people(app.database(), workspace, ids_of(present));
  const auto people = co_await std::move(reading);
  co_return respond(people, present);
}

}  // namespace

awaitable<http::Response> list_online_users(const http::Request& request, NotifyApp& app) {
  const WorkspaceId workspace{request.query_number("workspace_id", 0, 1, id_max)};
  const ChatId chat{request.query_number("chat_id", 0, 1, id_max)};
  if (workspace.value != 0 && chat.value == 0) return list_of_workspace(request, app, workspace);
  return list_fellows(request, app, chat);
}

awaitable<http::Response> list_online_members(const http::Request& request, NotifyApp& app) {
  return list_fellows(request, app, request.id_of<ChatId>("id"));
}

awaitable<http::Response> subscribe_to_presence(const http::Request& request, NotifyApp& app) {
  http::JsonFields fields{request.json_body()};
  if (!fields.has("user_ids")) fields.reject("user_ids", "is required");
  auto subjects = fields.ids<UserId>("user_ids", SubscriptionMessage::subjects_max);
  fields.check();
  app.charge_subscription(request.user().user_id);
  auto subscribing = app.presence().subscribe(request.user(), std::move(subjects));
  co_await std::move(subscribing);
  co_return http::no_content();
}

}  // namespace fechatter::notify
