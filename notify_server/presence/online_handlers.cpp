#include "notify_server/presence/online_handlers.hpp"

#include <algorithm>

#include "notify_server/notify_app.hpp"

namespace fechatter::notify {
namespace {

// The online members of the caller's chats, or of one of them.
awaitable<std::vector<postgres::PersonRow>> online_fellows(const http::Request& request,
                                                           NotifyApp& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const ChatId chat{request.query_number("chat_id", 0, 1, id_max)};
  const auto caller = request.user().user_id;
  auto online = app.presence().online_of(request.user().workspace_id);
  const bool caller_is_online = std::find(online.begin(), online.end(), caller) != online.end();
  // The caller is looked up as well: a chat without the caller is not found.
  if (!caller_is_online) online.push_back(caller);
  auto reading = postgres::read_fellows(app.database(), caller, chat, std::move(online));
  auto fellows = co_await std::move(reading);
  const auto is_caller = [caller](const auto& person) { return person.user_id == caller; };
  if (chat.value != 0 && std::none_of(fellows.begin(), fellows.end(), is_caller)) {
    throw Error{ErrorCode::chat_not_found, "There is no such chat."};
  }
  if (!caller_is_online) std::erase_if(fellows, is_caller);
  co_return fellows;
}

awaitable<std::vector<postgres::PersonRow>> find_online(const http::Request& request,
                                                        NotifyApp& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const WorkspaceId wanted{request.query_number("workspace_id", 0, 1, id_max)};
  if (wanted.value == 0 || request.find_query("chat_id")) {
    auto finding = online_fellows(request, app);
    co_return co_await std::move(finding);
  }
  if (wanted != request.user().workspace_id) {
    throw Error{ErrorCode::not_found, "There is no such workspace."};
  }
  auto reading = postgres::read_people(app.database(), wanted, app.presence().online_of(wanted));
  co_return co_await std::move(reading);
}

}  // namespace

awaitable<http::Response> list_online_users(const http::Request& request, NotifyApp& app) {
  auto finding = find_online(request, app);
  const auto people = co_await std::move(finding);
  auto body = nlohmann::json::array();
  for (const auto& person : people) {
    // A user with a stream is online now; the platform is not known yet.
    body.push_back({{"user_id", person.user_id.value},
                    {"fullname", person.fullname},
                    {"email", person.email},
                    {"status", to_text(PresenceStatus::online)},
                    {"last_seen", to_rfc3339(now())},
                    {"platform", nullptr}});
  }
  co_return http::json_response(200, body);
}

}  // namespace fechatter::notify
