#include "notify_server/presence/presence_handlers.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "fechatter_core/http/json_fields.hpp"
#include "notify_server/notify_app.hpp"

namespace fechatter::notify {
namespace {

constexpr auto id_max = std::numeric_limits<std::int64_t>::max();

// Less than 700 bytes each, so that a page is within the bytes of other lists.
constexpr std::int64_t page_max = 1000;

// One more than the page has.
postgres::PeoplePage page_of(const http::Request& request, std::int64_t limit) {
  return {UserId{request.query_number("after_id", 0, 0, id_max)}, limit + 1};
}

nlohmann::json to_json(const postgres::PersonRow& person, const UserState& state) {
  nlohmann::json item{{"user_id", person.user_id.value},
                      {"fullname", person.fullname},
                      {"email", person.email},
                      {"status", to_text(state.status)},
                      {"last_seen", to_rfc3339(wall_time(state.since))},
                      {"platform", nullptr}};
  if (!state.platform.empty()) item["platform"] = state.platform;
  return item;
}

// A user that has gone since its id was read is left out.
http::Response respond(NotifyApp& app, const std::vector<postgres::PersonRow>& people,
                       std::int64_t limit) {
  const auto count = std::min(people.size(), static_cast<std::size_t>(limit));
  auto body = nlohmann::json::array();
  for (const auto& person : std::span{people}.first(count)) {
    const auto state = app.presence().state_of(person.user_id);
    if (state.status != PresenceStatus::offline) body.push_back(to_json(person, state));
  }
  auto response = http::json_response(200, body);
  if (count < people.size()) {
    response.with_header("X-Next-Cursor", std::to_string(people[count - 1].user_id.value));
  }
  return response;
}

// The present members of the caller's chats, or of one of them.
awaitable<http::Response> list_fellows(const http::Request& request, NotifyApp& app, ChatId chat) {
  const auto caller = request.user().user_id;
  const auto limit = request.page_limit(page_max, page_max);
  const auto page = page_of(request, limit);
  auto users = app.presence().present_in(request.user().workspace_id);
  // The caller is looked up as well: a chat without the caller is not found.
  const bool caller_is_present = std::ranges::find(users, caller) != users.end();
  if (!caller_is_present) users.push_back(caller);
  auto reading = postgres::read_fellows(app.database(), caller, chat, std::move(users), page);
  auto fellows = co_await std::move(reading);
  const bool is_member = !fellows.empty() && fellows[0].user_id == caller;
  if (chat.value != 0 && !is_member) {
    throw Error{ErrorCode::chat_not_found, "There is no such chat."};
  }
  if (is_member && (!caller_is_present || caller <= page.after)) fellows.erase(fellows.begin());
  std::ranges::sort(fellows, {}, &postgres::PersonRow::user_id);
  co_return respond(app, fellows, limit);
}

awaitable<http::Response> list_of_workspace(const http::Request& request, NotifyApp& app,
                                            WorkspaceId workspace) {
  if (workspace != request.user().workspace_id) {
    throw Error{ErrorCode::not_found, "There is no such workspace."};
  }
  const auto limit = request.page_limit(page_max, page_max);
  const auto page = page_of(request, limit);
  auto users = app.presence().present_in(workspace);
  auto reading = postgres::read_people(app.database(), workspace, std::move(users), page);
  const auto people = co_await std::move(reading);
  co_return respond(app, people, limit);
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
