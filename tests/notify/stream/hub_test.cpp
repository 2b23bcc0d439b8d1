#include "notify_server/stream/hub.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;

awaitable<ReplaySlice> no_replay(WorkspaceId, FrameId, std::uint64_t) {
  throw Error{ErrorCode::overloaded, "no stream"};
  co_return ReplaySlice{};
}

awaitable<std::vector<postgres::MemberRow>> lunch_of_all(std::vector<UserId> users) {
  std::vector<postgres::MemberRow> rows;
  for (const auto user : users) rows.push_back({user, lunch, EventId{1}});
  co_return rows;
}

class HubTest : public testing::Test {
 protected:
  HubTest() {
    hub.start();
    hub.deliver({{StreamUpdate::Kind::warmed_up, {1, 0}, nullptr}});
  }

  Client& connect(UserId user) {
    auto [server, client] = make_connection();
    const auto now =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    StreamRequest request{user,       acme, SessionId{++sessions},
                          now + 900s, {},   "HTTP/1.1 200 OK\r\n\r\n"};
    hub.adopt(std::move(request), std::move(server));
    return clients.emplace_back(client);
  }

  template <class Condition>
  void until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "timed out";
      std::this_thread::yield();
      for (auto& client : clients) client.read();
    }
  }

  auth::RevokedSessions revoked{1800s};
  Hub hub{3, ShardSettings{}, CatchUpSources{lunch_of_all, no_replay, {}}, revoked};
  std::deque<Client> clients;
  std::int64_t sessions = 0;
};

TEST_F(HubTest, EveryMemberInEveryShardReceivesAllEventsInOrder) {
  for (int user = 1; user <= 12; ++user) connect(UserId{user});
  until([&] {
    return std::all_of(clients.begin(), clients.end(),
                       [](const Client& client) { return client.has("CaughtUp"); });
  });
  for (std::uint64_t seq = 1; seq <= 500; ++seq) {
    hub.deliver({update_at(in_chat(lunch, static_cast<std::int64_t>(seq)), {1, seq})});
  }
  for (auto& client : clients) {
    until([&] { return client.frames().size() == 501; });
    for (int i = 1; i <= 500; ++i) EXPECT_EQ(client.frames()[i].data["event_id"], i);
  }
}

TEST_F(HubTest, AnActiveChatInSeveralShardsCountsOnce) {
  for (int user = 1; user <= 4; ++user) connect(UserId{user});
  until([&] { return hub.connections() == 4; });
  until([&] {
    return std::all_of(clients.begin(), clients.end(),
                       [](const Client& client) { return client.has("CaughtUp"); });
  });
  asio::io_context io;
  const Executor executor{io.get_executor()};
  auto chats = asio::co_spawn(executor, hub.active_chats(), asio::use_future);
  io.run();
  EXPECT_EQ(chats.get(), 1U);
}

TEST_F(HubTest, DrainingReturnsWhenTheLastStreamIsClosed) {
  for (int user = 1; user <= 6; ++user) connect(UserId{user});
  until([&] { return hub.connections() == 6; });
  hub.drain(0ms);
  EXPECT_EQ(hub.connections(), 0U);
}

TEST_F(HubTest, TheStreamOfARevokedSessionIsClosedInItsShard) {
  auto& phone = connect(UserId{5});
  until([&] { return phone.has("CaughtUp"); });
  hub.close_sessions({SessionId{1}});
  until([&] { return phone.closed(); });
}

}  // namespace
}  // namespace fechatter::notify::test
