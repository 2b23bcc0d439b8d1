#include <sys/socket.h>

#include "notify_server/stream/sse_frame.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;

class Closing : public ShardTest {
 protected:
  Closing() { warm_up(); }
};

TEST_F(Closing, ASlowConsumerIsClosedAndOthersAreNot) {
  settings.connection_events_max = 64;
  restart_shard();
  warm_up();
  auto& reader = join(bob);
  auto [server, client] = make_connection(4096);
  shard->adopt(request_of(alice), std::move(server));
  until([&] { return shard->counts().connections == 2; });
  int sent = 0;
  until([&] {
    for (int i = 0; i < 32; ++i) publish(in_chat(lunch, ++sent));
    return shard->counts().slow_consumers() == 1;
  });
  until_received(reader, static_cast<std::size_t>(sent) + 1);
  EXPECT_EQ(shard->counts().connections, 1U);
  Client& slow = clients.emplace_back(client);
  until([&] { return slow.closed(); });
}

TEST_F(Closing, ASlowConsumerIsClosedAtTheLimitOfBytesToo) {
  settings.connection_bytes_max = 64 * 1024;
  restart_shard();
  warm_up();
  auto [server, client] = make_connection(4096);
  const SocketHandle holder{client, false};
  shard->adopt(request_of(alice), std::move(server));
  auto envelope = in_chat(lunch, 1);
  envelope.data = nlohmann::json{{"content", std::string(30'000, 'x')}}.dump();
  until([&] {
    ++envelope.event_id.value;
    publish(envelope);
    return shard->counts().slow_consumers() == 1;
  });
  EXPECT_LT(envelope.event_id.value, 200);
}

TEST_F(Closing, AClosedSlowConsumerResumesWithoutAGap) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  auto& phone = connect(alice, {}, 4096);
  until([&] { return phone.has("CaughtUp"); });
  int sent = 0;
  until([&] {
    for (int i = 0; i < 128; ++i) publish(in_chat(lunch, ++sent));
    shard->io().run_for(1ms);
    return shard->counts().slow_consumers() == 1;
  });
  until([&] { return phone.closed(); });
  auto& again = join(alice, phone.ids().back());
  const auto last = static_cast<int>(phone.frames().size()) - 1;
  ASSERT_GT(last, 0);
  EXPECT_EQ(again.frames()[0].data["event_id"], last + 1);
  EXPECT_EQ(again.frames().size(), static_cast<std::size_t>(sent - last) + 1);
}

TEST_F(Closing, ABurstDoesNotCloseAFastConsumer) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  auto& phone = join(alice);
  for (int i = 1; i <= 200; ++i) publish(in_chat(lunch, i));
  until_received(phone, 201);
  EXPECT_EQ(shard->counts().slow_consumers(), 0U);
}

TEST_F(Closing, BeyondTheLimitOfAUserTheOldestStreamIsClosed) {
  settings.connections_per_user = 2;
  restart_shard();
  warm_up();
  auto& first = join(alice);
  auto& second = join(alice);
  auto& third = join(alice);
  until([&] { return first.closed(); });
  publish(in_chat(lunch, 5));
  until_received(second, 2);
  until_received(third, 2);
}

TEST_F(Closing, TheLimitIsForEachUser) {
  settings.connections_per_user = 1;
  restart_shard();
  warm_up();
  join(alice);
  join(bob);
  EXPECT_EQ(shard->counts().connections, 2U);
}

TEST_F(Closing, AStreamIsClosedWhenItsTokenExpires) {
  auto& other = join(bob);
  token_life = 0s;
  auto& phone = connect(alice);
  until([&] { return phone.closed(); });
  EXPECT_FALSE(other.closed());
}

TEST_F(Closing, TheStreamOfARevokedSessionIsClosedAndNoOther) {
  const SessionId gone{next_session};
  auto& phone = join(alice);
  auto& laptop = join(alice);
  shard->close_sessions({gone});
  until([&] { return phone.closed(); });
  publish(in_chat(lunch, 5));
  until_received(laptop, 2);
}

TEST_F(Closing, ASessionRevokedBeforeTheShardOpensItGetsNoStream) {
  revoked.add({{SessionId{next_session}, now()}});
  auto& phone = connect(alice);
  until([&] { return phone.closed(); });
  EXPECT_EQ(phone.head(), "");
}

TEST_F(Closing, AClientThatDisconnectsIsRemoved) {
  join(alice).disconnect();
  until([&] { return shard->counts().connections == 0; });
  EXPECT_EQ(shard->counts().online_users, 0U);
}

TEST_F(Closing, BytesFromTheClientAreDiscardedUpToALimit) {
  auto [server, client] = make_connection();
  shard->adopt(request_of(alice), std::move(server));
  until([&] { return shard->counts().connections == 1; });
  const std::string chatter(1024, 'x');
  ASSERT_EQ(::send(client, chatter.data(), chatter.size(), MSG_NOSIGNAL), 1024);
  auto& phone = clients.emplace_back(client);
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_FALSE(phone.closed());
  until([&] {
    ::send(client, chatter.data(), chatter.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return phone.closed();
  });
}

TEST_F(Closing, DrainingClosesAllStreams) {
  auto& phone = join(alice);
  auto& other = join(bob);
  const auto drained = shard->drain(100ms);
  until([&] { return drained.wait_for(0s) == std::future_status::ready; });
  until([&] { return phone.closed() && other.closed(); });
}

TEST_F(Closing, DrainingIsSpreadOverItsWindow) {
  for (int i = 0; i < 10; ++i) join(alice);
  const auto drained = shard->drain(1h);
  until([&] { return shard->counts().connections == 9; });
  EXPECT_EQ(drained.wait_for(0s), std::future_status::timeout);
}

TEST_F(Closing, NoStreamIsOpenedWhileDraining) {
  const auto drained = shard->drain(0ms);
  auto& late = connect(alice);
  until([&] { return late.closed(); });
  EXPECT_EQ(late.head(), "");
}

}  // namespace
}  // namespace fechatter::notify::test
