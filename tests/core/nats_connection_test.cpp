#include "fechatter_core/nats/nats_connection.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/nats/stream_replicas.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

using testing::ElementsAre;

TEST(NatsServers, AreSeparatedByCommas) {
  EXPECT_THAT(servers_of("nats://a:1"), ElementsAre("nats://a:1"));
  EXPECT_THAT(servers_of("nats://a:1,b:2"), ElementsAre("nats://a:1", "b:2"));
  EXPECT_THAT(servers_of(" nats://a:1 ,\tnats://[::1]:2 "),
              ElementsAre("nats://a:1", "nats://[::1]:2"));
}

TEST(NatsServers, AnEmptyPlaceIsRefused) {
  for (const auto* text : {"", " ", ",", "nats://a,", ",nats://a", "nats://a, ,nats://b"}) {
    EXPECT_THROW(check_servers(text), std::invalid_argument) << text;
  }
}

TEST(NatsConnection, AServerThatIsAwayOrDoesNotResolveIsPassedOver) {
  const test::NatsServer nats;
  for (int i = 0; i < 8; ++i) {  // their order is random
    Connection connection{{"nats://no-such-host.invalid:4222,nats://127.0.0.1:1," + nats.url()}};
    EXPECT_TRUE(connection.alive());
  }
}

TEST(StreamReplicas, AStreamIsDescribedByItsLeaderOrByAServerWithoutReplicas) {
  char empty[] = "", name[] = "host1";
  jsClusterInfo cluster{};
  jsStreamInfo info{};
  EXPECT_NO_THROW(check_leader(info));
  info.Cluster = &cluster;
  EXPECT_THROW(check_leader(info), Failure);
  cluster.Leader = empty;
  EXPECT_THROW(check_leader(info), Failure);
  cluster.Leader = name;
  EXPECT_NO_THROW(check_leader(info));
}

TEST(NatsConnection, WithoutAnyServerItFails) {
  EXPECT_THROW(Connection({"nats://127.0.0.1:1,nats://127.0.0.1:2"}), Failure);
}

}  // namespace
}  // namespace fechatter::nats
