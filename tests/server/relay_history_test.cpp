#include <gmock/gmock.h>

#include "fechatter_server/outbox/outbox_relay.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// PostgreSQL and the stream fit each other, and yet both were restored.
class RelayHistory : public testing::Test {
 protected:
  RelaySettings settings() const {
    RelaySettings relay;
    relay.database_url = database.url();
    relay.nats = nats.as_server("test relay");
    return relay;
  }
  // Runs a relay until `count` further events are published, and the epoch is that one.
  bool publishes(int count, std::int64_t epoch) {
    const OutboxRelay relay{settings()};
    database.add_events(count);
    return test::eventually([&] {
      return database.number("SELECT epoch FROM relay_state") == epoch &&
             database.number("SELECT count(*) FROM outbox WHERE epoch IS DISTINCT FROM " +
                             std::to_string(epoch)) == 0;
    });
  }

  test::TestDatabase database;
  test::NatsServer nats;
};

TEST_F(RelayHistory, AnotherHistoryRaisesTheEpochOnceAndGivesNoIdTwice) {
  ASSERT_TRUE(publishes(10, 1));
  EXPECT_EQ(database.number("SELECT count(*) FROM relay_state"
                            " WHERE postgres_history = postgres_history()"
                            " AND postgres_history ~ '^[0-9]+/[0-9A-F]{8}$'"),
            1);
  database.query(
      "UPDATE relay_state SET postgres_history = '1/00000001',"
      " published_at = now() - interval '1 day'");
  ASSERT_TRUE(publishes(0, 2));
  ASSERT_TRUE(publishes(1, 2));
  EXPECT_GT(database.number("SELECT max(id) FROM outbox"), 86'400 * 2'000);
}

TEST_F(RelayHistory, AHistoryThatWasNotKnownRaisesNoEpoch) {
  ASSERT_TRUE(publishes(1, 1));
  database.query("UPDATE relay_state SET postgres_history = ''");
  ASSERT_TRUE(publishes(1, 1));
  EXPECT_EQ(database.number("SELECT count(*) FROM relay_state WHERE postgres_history <> ''"), 1);
}

}  // namespace
}  // namespace fechatter::server
