#include <fmt/format.h>
#include <gmock/gmock.h>

#include <numeric>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_server/outbox/outbox_relay.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

class Relaying : public testing::Test {
 protected:
  RelaySettings settings() const {
    RelaySettings relay;
    relay.database_url = database.url();
    relay.nats = {nats.url(), "test relay"};
    return relay;
  }
  void add_events(int count) {
    database.query(fmt::format(
        "INSERT INTO outbox (workspace_id, chat_id, type, audience, data)"
        " SELECT 1, 1 + i % 3, 'NewMessage', '\"chat\"', '{{}}' FROM generate_series(1, {}) i",
        count));
  }
  bool all_published() {
    return test::eventually([this] {
      return database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
    });
  }
  // The ids of the stream's events, in its order.
  std::vector<std::int64_t> stream_ids() const {
    nats::Connection connection{{nats.url(), "test reader"}};
    nats::JetStream stream{connection};
    std::vector<std::int64_t> ids;
    const auto state = stream.find_stream(event::stream_name);
    if (!state || state->messages == 0) return ids;
    auto subscription = stream.consume(event::stream_name, event::stream_subjects, {});
    while (ids.size() < state->messages) {
      auto message = subscription.next(std::chrono::seconds{10});
      if (!message) break;
      ids.push_back(event::parse_envelope(message->data()).event_id.value);
    }
    return ids;
  }
  static std::vector<std::int64_t> one_to(std::int64_t last) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(last));
    std::iota(numbers.begin(), numbers.end(), 1);
    return numbers;
  }
  // Publishes to the stream as somebody who has no business there.
  void intrude() const {
    nats::Connection connection{{nats.url(), "intruder"}};
    connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "NewMessage"), "{}");
    connection.ping(std::chrono::seconds{5});
  }

  test::TestDatabase database;
  test::NatsServer nats;
};

TEST_F(Relaying, EventsReachTheStreamInOutboxOrderAndAreMarked) {
  add_events(2000);
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(2000));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE epoch = 1 AND stream_seq = id"),
            2000);
  EXPECT_EQ(database.number("SELECT last_stream_seq FROM relay_state"), 2000);
}

TEST_F(Relaying, OneOfSeveralInstancesPublishes) {
  const OutboxRelay first{settings()};
  const OutboxRelay second{settings()};
  const OutboxRelay third{settings()};
  for (int i = 0; i < 20; ++i) add_events(25);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(500));
}

TEST_F(Relaying, AnotherInstanceTakesOverWhenTheHolderEnds) {
  auto first = std::make_unique<OutboxRelay>(settings());
  add_events(10);
  ASSERT_TRUE(all_published());
  const OutboxRelay second{settings()};
  first.reset();
  add_events(10);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(20));
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
}

TEST_F(Relaying, TheLeaseOfAHolderThatIsGoneRunsOut) {
  database.query(
      "UPDATE relay_state SET holder = 'dead', token = 7,"
      " expires_at = clock_timestamp() + interval '1 second'");
  add_events(1);
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(all_published());
  EXPECT_GT(database.number("SELECT token FROM relay_state"), 7);
}

TEST_F(Relaying, WhatWasPublishedButNotMarkedIsFoundAndNotSentAgain) {
  {
    const OutboxRelay relay{settings()};
    add_events(10);
    ASSERT_TRUE(all_published());
  }
  // As if the last marking had been lost in a crash.
  database.query(
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL, published_at = NULL"
      " WHERE id > 6; UPDATE relay_state SET last_stream_seq = 6, last_event_id = 6");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(10));
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
}

// Markings are not waited for, so a crash of PostgreSQL takes the last ones back.
TEST_F(Relaying, MarkingsThatPostgresLostInACrashAreMadeAgain) {
  const OutboxRelay relay{settings()};
  add_events(10);
  ASSERT_TRUE(all_published());
  database.query(
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL, published_at = NULL"
      " WHERE id > 6; UPDATE relay_state SET last_stream_seq = 6, last_event_id = 6;"
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  add_events(2);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(12));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE epoch = 1 AND stream_seq = id"), 12);
}

TEST_F(Relaying, ALostStreamIsFilledAgainUnderANewEpoch) {
  const OutboxRelay relay{settings()};
  add_events(10);
  ASSERT_TRUE(all_published());
  nats.kill();
  nats.lose_store();
  add_events(5);
  nats.start();
  ASSERT_TRUE(test::eventually(
      [&] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 15; }));
  EXPECT_EQ(stream_ids(), one_to(15));
}

TEST_F(Relaying, AStreamThatLostItsTailIsNoticed) {
  {
    const OutboxRelay relay{settings()};
    add_events(10);
    ASSERT_TRUE(all_published());
  }
  // The stream knows 10 events; PostgreSQL remembers more, other ones, than there are.
  database.query("UPDATE relay_state SET last_stream_seq = 12, last_event_id = 12");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(test::eventually(
      [&] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 10; }));
}

TEST_F(Relaying, AnotherEventAtTheLastSequenceIsNoticed) {
  {
    const OutboxRelay relay{settings()};
    add_events(10);
    ASSERT_TRUE(all_published());
  }
  database.query("UPDATE relay_state SET last_event_id = 99");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(test::eventually(
      [&] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 10; }));
}

TEST_F(Relaying, AnIntruderBreaksTheChainAndNothingIsLost) {
  const OutboxRelay relay{settings()};
  add_events(10);
  ASSERT_TRUE(all_published());
  intrude();
  add_events(10);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(database.number("SELECT count(DISTINCT stream_seq) FROM outbox WHERE epoch = 2"), 20);
}

TEST_F(Relaying, SomebodyWhoLostTheLeaseCanMarkNothing) {
  add_events(1);
  RelayStore store{database.url()};
  const auto lease = store.acquire_lease("me");
  ASSERT_TRUE(lease);
  EXPECT_FALSE(store.acquire_lease("another"));
  database.query("UPDATE relay_state SET token = token + 1");
  const auto row = store.unpublished(1).at(0);
  EXPECT_FALSE(store.mark(lease->token, lease->epoch, {{row.id.value}, {row.created_micros}, {1}}));
  EXPECT_FALSE(store.renew_lease(lease->token));
  EXPECT_FALSE(store.raise_epoch(lease->token, 5, 1, "x", std::chrono::hours{1}));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL"), 1);
}

TEST_F(Relaying, PartitionsAreMadeAheadAndDroppedOnlyWhenEmptyOfUnpublishedEvents) {
  const auto partitions = [this] {
    return database.number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'outbox'::regclass");
  };
  EXPECT_EQ(partitions(), 16);  // today, 14 days, the default
  const auto old_partition = [this](const std::string& day) {
    database.query(fmt::format(
        "CREATE TABLE outbox_{0} PARTITION OF outbox FOR VALUES FROM ('{0}') TO ('{0}'::date + 1);"
        "INSERT INTO outbox (created_at, workspace_id, type, audience, data, epoch, stream_seq)"
        " VALUES ('{0} 12:00', 1, 'NewChat', '\"chat\"', '{{}}', 1, 1)",
        day));
  };
  old_partition("20200101");
  old_partition("20200102");
  database.query(
      "UPDATE outbox SET epoch = NULL, stream_seq = NULL"
      " WHERE created_at < '2020-01-02'");
  RelayStore store{database.url()};
  store.tend_partitions(2);
  EXPECT_EQ(partitions(), 17);
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE created_at < '2020-01-03'"), 1);
}

}  // namespace
}  // namespace fechatter::server
