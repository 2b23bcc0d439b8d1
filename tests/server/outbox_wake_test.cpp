#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/routes.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using std::chrono::seconds;

constexpr std::int64_t alice = 1;
constexpr std::int64_t bob = 2;
constexpr std::int64_t carol = 3;

// A request that changes something.
struct Change {
  http::Method method;
  std::string path;
  std::int64_t caller = alice;
  std::string id = {};  // the path parameters
  std::string second_id = {};
  std::string body = {};
};

using enum http::Method;

// In the order of a chat's life.
const std::vector<Change>& changes_with_events() {
  static const std::vector<Change> all{
      {patch, "/api/users/profile", alice, "", "", R"({"title": "engineer"})"},
      {patch, "/api/workspace/members/{id}", alice, "2", "", R"({"role": "admin"})"},
      {post, "/api/chat", alice, "", "", R"({"chat_type": "PublicChannel", "name": "general"})"},
      {patch, "/api/chat/{id}", alice, "1", "", R"({"name": "announcements"})"},
      {post, "/api/chat/{id}/members", alice, "1", "", "[2, 3]"},
      {patch, "/api/chat/{id}/members/{member_id}", alice, "1", "2", R"({"role": "admin"})"},
      {delete_, "/api/chat/{id}/members", alice, "1", "", "[3]"},
      {post, "/api/chat/{id}/join", carol, "1"},
      {post, "/api/chat/{id}/leave", carol, "1"},
      {post, "/api/chat/{id}/messages", bob, "1", "", R"({"content": "hello"})"},
      {patch, "/api/chat/{id}/messages/{message_id}", bob, "1", "1", R"({"content": "hi"})"},
      {put, "/api/chat/{id}/messages/{message_id}/reactions/{emoji}", alice, "1", "1"},
      {delete_, "/api/chat/{id}/messages/{message_id}/reactions/{emoji}", alice, "1", "1"},
      {put, "/api/chat/{id}/pins/{message_id}", alice, "1", "1"},
      {delete_, "/api/chat/{id}/pins/{message_id}", alice, "1", "1"},
      {put, "/api/chat/{id}/messages/{message_id}/follow", alice, "1", "1"},
      {delete_, "/api/chat/{id}/messages/{message_id}/follow", alice, "1", "1"},
      {post, "/api/chat/{id}/messages", bob, "1", "", R"({"content": "re", "reply_to": 1})"},
      {post, "/api/chat/{id}/messages/{message_id}/thread/read", alice, "1", "1", "{}"},
      {post, "/api/chat/{id}/messages/{message_id}/thread/unread", alice, "1", "1",
       R"({"message_id": 2})"},
      {post, "/api/chat/{id}/read", alice, "1", "", R"({"seq": 2})"},
      {put, "/api/chat/{id}/draft", alice, "1", "", R"({"content": "dear", "version": 0})"},
      {put, "/api/users/preferences", alice, "", "", R"({"show_read": false})"},
      {put, "/api/chat/{id}/preferences", alice, "1", "", R"({"hidden": true})"},
      {put, "/api/chat/{id}/settings", alice, "1", "", R"({"who_may_write": "admins"})"},
      {post, "/api/chat/{id}/archive", alice, "1"},
      {post, "/api/chat/{id}/unarchive", alice, "1"},
      {delete_, "/api/chat/{id}/messages/{message_id}", bob, "1", "1"},
      {delete_, "/api/chat/{id}", alice, "1"},
      {post, "/api/chat/{id}/restore", alice, "1"},
      // A chat of bob alone; bob is suspended.
      {post, "/api/chat", bob, "", "", R"({"chat_type": "PublicChannel", "name": "bobs"})"},
      {patch, "/api/workspace/members/{id}", alice, "2", "", R"({"status": "Suspended"})"},
      {post, "/api/admin/users/{id}/take-over-chats", alice, "2"},
  };
  return all;
}

const std::vector<Change>& changes_without_events() {
  static const std::vector<Change> all{
      {post, "/api/signup"},
      {post, "/api/signin"},
      {post, "/api/refresh"},
      {post, "/api/logout"},
      {post, "/api/logout-all"},
      {post, "/api/users/change-password"},
      {post, "/api/events/ticket"},
      {post, "/api/search/messages"},
      {post, "/api/workspace/invitations", alice},
      {delete_, "/api/workspace/invitations/{id}", alice, "1"},
      {put, "/api/saved/{message_id}", alice, "", "1"},
      {delete_, "/api/saved/{message_id}", alice, "", "1"},
      // The event of a second move within two seconds is a chore's.
      {post, "/api/chat/{id}/unread", alice, "1", "", R"({"message_id": 1})"},
      {delete_, "/api/chat/{id}/draft", alice, "1"},
      {post, "/api/chat/{id}/scheduled", alice, "1"},
      {patch, "/api/scheduled/{id}", alice, "1"},
      {delete_, "/api/scheduled/{id}", alice, "1"},
      {post, "/api/chat/{id}/typing", alice, "1"},
      {post, "/api/presence", alice},
      {post, "/api/upload", alice},
      {post, "/api/files/single", alice},
      {post, "/api/files/urls", alice},
      {post, "/api/files/resumable", alice},
      {patch, "/api/files/resumable/{upload_id}", alice, "1"},
      {post, "/api/files/resumable/{upload_id}", alice, "1"},
      {delete_, "/api/files/resumable/{upload_id}", alice, "1"},
      {put, "/api/users/{id}/block", alice, "2"},
      {delete_, "/api/users/{id}/block", alice, "2"},
      {post, "/api/admin/users/{id}/sessions/end", alice, "2"},
      {delete_, "/api/admin/users/{id}/sessions/{session_id}", alice, "2"},
  };
  return all;
}

std::vector<Change> changes() {
  auto all = changes_with_events();
  const auto& others = changes_without_events();
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

const RouteRow& route_of(const Change& change) {
  for (const auto& row : route_table()) {
    if (row.method == change.method && row.path == change.path) return row;
  }
  throw std::runtime_error{"no route " + change.path};
}

http::Request request_of(const Change& change) {
  http::Request request;
  request.id = "a request";
  request.method = change.method;
  request.path = change.path;
  request.headers = {{"content-type", "application/json"}};
  request.body = change.body;
  request.path_parameters = {{"id", change.id}};
  for (const auto* name : {"member_id", "message_id"}) {
    request.path_parameters.emplace_back(name, change.second_id);
  }
  request.path_parameters.emplace_back("emoji", "👍");
  request.caller = auth::Identity{UserId{change.caller}, WorkspaceId{1}, SessionId{1}, {}, {}, {}};
  return request;
}

// An instance of fechatter_server that does not hold the lease: its relay publishes on the wake
// subject each time that it is woken, so the 200 ms poll of the holder plays no part.
class OutboxWake : public testing::Test {
 protected:
  OutboxWake() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash, role)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x',"
        "        (CASE i WHEN 1 THEN 'owner' ELSE 'member' END)::workspace_role"
        " FROM generate_series(1, 3) i;"
        "UPDATE workspaces SET owner_id = 1");
    database.add_events(1);
    EXPECT_TRUE(test::eventually([this] {
      return database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
    }));
  }
  RelaySettings holder_settings() const {
    RelaySettings relay;
    relay.database_url = database.url();
    relay.nats = nats.as_server("lease holder");
    return relay;
  }
  ServerSettings server_settings() const {
    ServerSettings settings;
    settings.address = "127.0.0.1";
    settings.port = 0;
    settings.database_url = database.url();
    settings.nats = nats.as_server("under test");
    settings.private_key = keys.path("private.pem");
    auth::make_key_pair(settings.private_key, keys.path("public.pem"));
    settings.files.folder = keys.path("files");
    return settings;
  }

  test::TestDatabase database;
  test::NatsServer nats;
  test::ScratchFolder keys;
  OutboxRelay holder{holder_settings()};
  nats::Connection connection{{nats.url(), "observer"}};
  nats::Subscription wakes = connection.subscribe(event::outbox_wake_subject);
  asio::io_context io;
};

TEST(OutboxWakes, AreSpecifiedForEachRouteThatChangesSomething) {
  std::set<std::string> routes;
  std::set<std::string> specified;
  const auto name_of = [](http::Method method, std::string_view path) {
    return fmt::format("{} {}", http::to_string(method), path);
  };
  for (const auto& row : route_table()) {
    const bool reads = row.method == get || row.method == head || row.method == options;
    if (!reads) routes.insert(name_of(row.method, row.path));
  }
  for (const auto& change : changes()) specified.insert(name_of(change.method, change.path));
  EXPECT_EQ(specified, routes);
}

TEST_F(OutboxWake, FollowsEachChangeThatWritesAnEvent) {
  App app{server_settings(), io};
  connection.ping(seconds{5});
  for (const auto& change : changes_with_events()) {
    const auto request = request_of(change);
    const auto before = database.number("SELECT count(*) FROM outbox");
    const auto response = test::await(io, route_of(change).handler(request, app));
    EXPECT_LT(response.status, 300) << change.path;
    EXPECT_GT(database.number("SELECT count(*) FROM outbox"), before) << change.path;
    EXPECT_TRUE(wakes.next(seconds{10})) << change.path;
  }
  EXPECT_FALSE(wakes.next(seconds{0}));
}

TEST_F(OutboxWake, DoesNotFollowAChangeThatWritesNoEvent) {
  App app{server_settings(), io};
  connection.ping(seconds{5});
  const auto handle = [&](const Change& change) {
    const auto request = request_of(change);
    return test::await(io, route_of(change).handler(request, app)).status;
  };
  EXPECT_EQ(handle({post, "/api/workspace/invitations"}), 201);
  EXPECT_EQ(handle({delete_, "/api/workspace/invitations/{id}", alice, "1"}), 204);
  const Change refused{delete_, "/api/chat/{id}", bob, "77"};
  EXPECT_THROW(handle(refused), Error);
  // The wake of this change is the only one.
  EXPECT_EQ(handle({patch, "/api/users/profile", alice, "", "", R"({"title": "x"})"}), 200);
  EXPECT_TRUE(wakes.next(seconds{10}));
  EXPECT_FALSE(wakes.next(seconds{0}));
}

}  // namespace
}  // namespace fechatter::server
