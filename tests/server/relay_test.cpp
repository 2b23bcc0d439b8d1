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
    relay.nats = nats.as_server("test relay");
    return relay;
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
    const auto state = stream.find_state();
    if (!state || state->messages == 0) return ids;
    for (const auto& message : stream.read_range(state->first_seq, state->last_seq)) {
      ids.push_back(event::parse_message_id(message.message_id).event.value);
    }
    return ids;
  }
  static std::vector<std::int64_t> one_to(std::int64_t last) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(last));
    std::iota(numbers.begin(), numbers.end(), 1);
    return numbers;
  }
  // Deletes a message from the middle of the stream, as an unreadable block would.
  void damage(std::uint64_t stream_seq) const {
    nats::Connection connection{{nats.url(), "damage"}};
    nats::JetStream stream{connection};
    jsCtx* raw = nullptr;
    nats::check(natsConnection_JetStream(&raw, connection.raw(), nullptr), "jetstream");
    const std::unique_ptr<jsCtx, nats::Destroyer<jsCtx, jsCtx_Destroy>> context{raw};
    nats::check(js_DeleteMsg(raw, event::stream_name, stream_seq, nullptr, nullptr), "delete");
  }
  void request_verification(const event::StreamObservation& seen) const {
    nats::Connection connection{{nats.url(), "reader"}};
    nats::JetStream{connection}.request_verification(seen);
    connection.ping(std::chrono::seconds{5});
  }
  bool epoch_reaches(std::int64_t epoch) {
    return test::eventually([&] {
      return database.number("SELECT epoch FROM relay_state") == epoch &&
             database.number("SELECT count(*) FROM outbox WHERE epoch IS DISTINCT FROM " +
                             std::to_string(epoch)) == 0;
    });
  }
  // Publishes to the stream as a foreign program.
  void intrude() const {
    nats::Connection connection{{nats.url(), "intruder"}};
    connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "NewMessage"), "{}");
    connection.ping(std::chrono::seconds{5});
  }

  test::TestDatabase database;
  test::NatsServer nats;
};

TEST_F(Relaying, EventsReachTheStreamInOutboxOrderAndAreMarked) {
  database.add_events(2000);
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(2000));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE epoch = 1 AND stream_seq = id"),
            2000);
  EXPECT_EQ(database.number("SELECT last_stream_seq FROM relay_state"), 2000);
}

TEST_F(Relaying, OnlyTheHolderOfTheLeasePublishes) {
  const OutboxRelay first{settings()};
  const OutboxRelay second{settings()};
  const OutboxRelay third{settings()};
  for (int i = 0; i < 20; ++i) database.add_events(25);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(500));
}

TEST_F(Relaying, AnotherInstanceTakesOverWhenTheHolderEnds) {
  auto first = std::make_unique<OutboxRelay>(settings());
  database.add_events(10);
  ASSERT_TRUE(all_published());
  const OutboxRelay second{settings()};
  first.reset();
  database.add_events(10);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(20));
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
}

TEST_F(Relaying, TheLeaseOfADeadHolderExpires) {
  database.query(
      "UPDATE relay_state SET holder = 'dead', token = 7,"
      " expires_at = clock_timestamp() + interval '1 second'");
  database.add_events(1);
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(all_published());
  EXPECT_GT(database.number("SELECT token FROM relay_state"), 7);
}

TEST_F(Relaying, APublishedEventWithoutAMarkIsFoundAndNotPublishedTwice) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(10);
    ASSERT_TRUE(all_published());
  }
  // As if a crash had undone the last marks.
  database.query(
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL, published_at = NULL"
      " WHERE id > 6; UPDATE relay_state SET last_stream_seq = 6, last_event_id = 6");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(10));
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
}

// Marks are committed asynchronously, so a crash of PostgreSQL undoes the last ones.
TEST_F(Relaying, MarksThatACrashHasUndoneAreMadeAgain) {
  const OutboxRelay relay{settings()};
  database.add_events(10);
  ASSERT_TRUE(all_published());
  database.query(
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL, published_at = NULL"
      " WHERE id > 6; UPDATE relay_state SET last_stream_seq = 6, last_event_id = 6;"
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  database.add_events(2);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(stream_ids(), one_to(12));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE epoch = 1 AND stream_seq = id"), 12);
}

TEST_F(Relaying, ALostStreamIsRepublishedUnderANewEpoch) {
  const OutboxRelay relay{settings()};
  database.add_events(10);
  ASSERT_TRUE(all_published());
  nats.kill();
  nats.lose_store();
  database.add_events(5);
  nats.start();
  ASSERT_TRUE(test::eventually(
      [&] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 15; }));
  EXPECT_EQ(stream_ids(), one_to(15));
}

TEST_F(Relaying, AStreamThatLostItsHeadRaisesTheEpoch) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(10);
    ASSERT_TRUE(all_published());
  }
  // The stream holds 10 events; the database has recorded 12.
  database.query("UPDATE relay_state SET last_stream_seq = 12, last_event_id = 12");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(test::eventually(
      [&] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 10; }));
}

TEST_F(Relaying, AnotherEventAtTheLastSequenceRaisesTheEpoch) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(10);
    ASSERT_TRUE(all_published());
  }
  database.query("UPDATE relay_state SET last_event_id = 99");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(test::eventually(
      [&] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 10; }));
}

TEST_F(Relaying, AForeignMessageBreaksTheChainAndNoEventIsLost) {
  const OutboxRelay relay{settings()};
  database.add_events(10);
  ASSERT_TRUE(all_published());
  intrude();
  database.add_events(10);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(database.number("SELECT count(DISTINCT stream_seq) FROM outbox WHERE epoch = 2"), 20);
}

TEST_F(Relaying, AHoleInTheStreamRaisesTheEpoch) {
  const OutboxRelay relay{settings()};
  database.add_events(10);
  ASSERT_TRUE(all_published());
  damage(4);
  ASSERT_TRUE(epoch_reaches(2));
  EXPECT_EQ(stream_ids(), one_to(10));
}

// An event can be acknowledged, delivered, and lost before it is marked: the relay cannot know.
TEST_F(Relaying, AnObservationThatTheStreamLacksRaisesTheEpoch) {
  const OutboxRelay relay{settings()};
  database.add_events(10);
  ASSERT_TRUE(all_published());
  request_verification({9, "1-9"});
  request_verification({10, "1-77"});
  ASSERT_TRUE(epoch_reaches(2));
  request_verification({25, "2-25"});
  EXPECT_TRUE(epoch_reaches(3));
}

TEST_F(Relaying, AnObservationThatTheStreamHoldsChangesNothing) {
  const OutboxRelay relay{settings()};
  database.add_events(10);
  ASSERT_TRUE(all_published());
  request_verification({9, "1-9"});
  request_verification({3, "7-3"});  // of another epoch
  database.add_events(10);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
}

TEST_F(Relaying, ANewEpochRepublishesRecentEventsOnly) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(10);
    ASSERT_TRUE(all_published());
  }
  database.query(
      "UPDATE outbox SET published_at = published_at - interval '2 hours' WHERE id <= 6");
  nats.kill();
  nats.lose_store();
  nats.start();
  const OutboxRelay relay{settings()};
  database.add_events(1);
  ASSERT_TRUE(all_published());
  EXPECT_THAT(stream_ids(), testing::ElementsAre(7, 8, 9, 10, 11));
}

TEST_F(Relaying, EachMessageCarriesItsEpochAndFirstPosition) {
  const OutboxRelay relay{settings()};
  database.add_events(3);
  ASSERT_TRUE(all_published());
  damage(2);
  ASSERT_TRUE(epoch_reaches(2));
  database.add_events(1);
  ASSERT_TRUE(all_published());
  nats::Connection connection{{nats.url(), "test reader"}};
  const auto messages = nats::JetStream{connection}.read_range(1, 7);
  ASSERT_EQ(messages.size(), 4U);
  for (const auto& message : messages) {
    EXPECT_EQ(message.epoch.number, 2);
    EXPECT_EQ(message.epoch.first_seq, 4U);
    EXPECT_GT(message.epoch.covers_seconds, 0);
  }
  for (const auto& message : messages) EXPECT_EQ(message.epoch.republish_through, EventId{3});
  EXPECT_EQ(messages[2].first_position, (event::Position{1, 3}));
  EXPECT_EQ(messages[3].first_position, event::Position{});
}

TEST_F(Relaying, EachMessageNamesTheOneBeforeItOfItsWorkspaceInItsEpoch) {
  const auto add = [this](const std::string& workspaces) {
    database.query(
        "INSERT INTO outbox (workspace_id, type, audience, data)"
        " SELECT w, 'NewMessage', '{}', '{}' FROM unnest(ARRAY[" +
        workspaces + "]) w");
    ASSERT_TRUE(all_published());
  };
  std::optional<OutboxRelay> relay{std::in_place, settings()};
  add("1, 2, 1, 1, 2, 2, 3, 1");
  damage(2);
  ASSERT_TRUE(epoch_reaches(2));
  relay.emplace(settings());  // the next holder
  add("3");
  nats::Connection connection{{nats.url(), "test reader"}};
  std::vector<std::uint64_t> previous;
  for (const auto& message : nats::JetStream{connection}.read_range(9, 17)) {
    previous.push_back(message.workspace_previous);
  }
  EXPECT_THAT(previous, testing::ElementsAre(0, 0, 9, 11, 10, 13, 0, 12, 15));
}

TEST_F(Relaying, ARepublishedEventCarriesItsFirstPosition) {
  const OutboxRelay relay{settings()};
  database.add_events(3);
  ASSERT_TRUE(all_published());
  damage(2);
  ASSERT_TRUE(epoch_reaches(2));
  damage(5);
  ASSERT_TRUE(epoch_reaches(3));
  nats::Connection connection{{nats.url(), "test reader"}};
  const auto messages = nats::JetStream{connection}.read_range(7, 9);
  ASSERT_EQ(messages.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(messages[i].first_position, (event::Position{1, i + 1}));
}

TEST_F(Relaying, ARestoredDatabaseGivesNoIdTwiceAndPublishesItsNewEvents) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(10);
    ASSERT_TRUE(all_published());
  }
  // The state at event 6, and two events that a server has written since.
  database.query(
      "DELETE FROM outbox WHERE id > 6; SELECT setval('outbox_id_seq', 6);"
      "UPDATE relay_state SET last_stream_seq = 6, last_event_id = 6");
  const auto users = database.number(
      "SELECT coalesce(last_value, 0) FROM pg_sequences"
      " WHERE sequencename = 'users_id_seq'");
  database.add_events(2);
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(epoch_reaches(2));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE id BETWEEN 7 AND 10"), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE id > 100000"), 2);
  EXPECT_GT(database.number("SELECT last_value FROM pg_sequences"
                            " WHERE sequencename = 'users_id_seq'"),
            users + 100'000);
}

TEST_F(Relaying, UnmarkedEventsOfARestoredDatabaseAreRepublishedAsAlreadyDelivered) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(10);
    ASSERT_TRUE(all_published());
    damage(4);
    ASSERT_TRUE(epoch_reaches(2));
  }
  // The state before event 10 was marked.
  database.query(
      "UPDATE outbox SET epoch = 1, stream_seq = id, first_epoch = NULL, first_seq = NULL;"
      "UPDATE outbox SET epoch = NULL, stream_seq = NULL, published_at = NULL WHERE id = 10;"
      "UPDATE relay_state SET epoch = 1, last_stream_seq = 9, last_event_id = 9");
  const OutboxRelay relay{settings()};
  ASSERT_TRUE(epoch_reaches(3));
  nats::Connection connection{{nats.url(), "test reader"}};
  const auto messages = nats::JetStream{connection}.read_range(21, 30);
  ASSERT_EQ(messages.size(), 10U);
  EXPECT_EQ(messages[8].first_position, (event::Position{1, 9}));
  EXPECT_EQ(messages[9].first_position, (event::Position{2, 20}));
}

}  // namespace
}  // namespace fechatter::server
