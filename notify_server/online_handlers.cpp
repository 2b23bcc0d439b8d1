#include "notify_server/online_handlers.hpp"

#include <algorithm>

#include "notify_server/app.hpp"

namespace fechatter::notify {
namespace {

// The chats that are asked about: one that the caller is in, or all of them.
awaitable<std::vector<ChatId>> chats_of(const http::Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const ChatId wanted{request.query_number("chat_id", 0, 1, id_max)};
  std::vector<UserId> caller{request.user().user_id};
  auto reading = postgres::read_memberships(app.database(), std::move(caller));
  const auto seats = co_await std::move(reading);
  std::vector<ChatId> chats;
  for (const auto& seat : seats) {
    if (wanted.value == 0 || seat.chat_id == wanted) chats.push_back(seat.chat_id);
  }
  if (wanted.value != 0 && chats.empty()) {
    throw Error{ErrorCode::chat_not_found, "There is no such chat."};
  }
  co_return chats;
}

awaitable<std::vector<UserId>> find_online(const http::Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const WorkspaceId workspace{request.query_number("workspace_id", 0, 1, id_max)};
  const bool by_workspace = workspace.value != 0 && !request.find_query("chat_id");
  if (by_workspace && workspace != request.user().workspace_id) {
    throw Error{ErrorCode::not_found, "There is no such workspace."};
  }
  if (by_workspace) {
    auto asking = app.hub().online_of(workspace);
    co_return co_await std::move(asking);
  }
  auto choosing = chats_of(request, app);
  auto chats = co_await std::move(choosing);
  auto asking = app.hub().online_in(std::move(chats));
  co_return co_await std::move(asking);
}

}  // namespace

awaitable<http::Response> list_online_users(const http::Request& request, App& app) {
  auto finding = find_online(request, app);
  auto online = co_await std::move(finding);
  const auto workspace = request.user().workspace_id;
  auto reading = postgres::read_people(app.database(), workspace, std::move(online));
  const auto people = co_await std::move(reading);
  auto body = nlohmann::json::array();
  for (const auto& person : people) {
    // Whoever has a stream is there now; what they sit at is not known yet.
    body.push_back({{"user_id", person.user_id.value},
                    {"fullname", person.fullname},
                    {"email", person.email},
                    {"status", "online"},
                    {"last_seen", to_rfc3339(now())},
                    {"platform", nullptr}});
  }
  co_return http::json_response(200, body);
}

}  // namespace fechatter::notify
