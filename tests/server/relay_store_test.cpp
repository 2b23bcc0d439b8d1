#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_server/outbox/postgres_relay_store.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t all_bytes = 1'000'000'000;

class RelayStoring : public testing::Test {
 protected:
  test::TestDatabase database;
};

TEST_F(RelayStoring, ARelayThatLostTheLeaseCannotMark) {
  database.add_events(1);
  PostgresRelayStore store{database.url()};
  const auto lease = store.acquire_lease("me");
  ASSERT_TRUE(lease);
  EXPECT_FALSE(store.acquire_lease("another"));
  database.query("UPDATE relay_state SET token = token + 1");
  const auto row = store.unpublished({1, 1}).at(0);
  EXPECT_FALSE(store.mark(*lease, {{row.id.value}, {row.created_micros}, {1}}));
  EXPECT_FALSE(store.renew_lease(lease->token));
  EXPECT_FALSE(
      store.raise_epoch(lease->token, {5, 1, "x", {}, 0, false, {}, std::chrono::hours{1}}));
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL"), 1);
}

TEST_F(RelayStoring, TheLeaseOfAHostWhoseClockWasAheadIsNotWaitedFor) {
  database.query(
      "UPDATE relay_state SET holder = 'dead', expires_at = clock_timestamp() + interval '1 hour'");
  PostgresRelayStore store{database.url()};
  EXPECT_TRUE(store.acquire_lease("me"));
  EXPECT_FALSE(store.acquire_lease("another"));
}

TEST_F(RelayStoring, TheLeaseStoresTheFanOutMemberLimitOfItsHolder) {
  const auto stored = [this] {
    return database.number("SELECT fan_out_member_limit FROM relay_state");
  };
  PostgresRelayStore first{database.url(), {7}};
  const auto lease = first.acquire_lease("first");
  ASSERT_TRUE(lease);
  EXPECT_EQ(stored(), 7);
  PostgresRelayStore second{database.url(), {9}};
  EXPECT_FALSE(second.acquire_lease("second"));
  EXPECT_EQ(stored(), 7);
  first.release_lease(lease->token);
  ASSERT_TRUE(second.acquire_lease("second"));
  EXPECT_EQ(stored(), 9);
}

TEST_F(RelayStoring, MarksAreRefusedAfterACrashHasUndoneOne) {
  database.add_events(2);
  PostgresRelayStore store{database.url()};
  auto state = store.acquire_lease("me").value();
  state =
      store.raise_epoch(state.token, {1, 1, "x", {}, 0, false, {}, std::chrono::hours{1}}).value();
  const auto rows = store.unpublished({2, all_bytes});
  ASSERT_EQ(rows.size(), 2U);
  state.last_stream_seq = 1;  // the first mark, which was lost
  EXPECT_FALSE(store.mark(state, {{rows[1].id.value}, {rows[1].created_micros}, {2}}));
  state.last_stream_seq = 0;
  EXPECT_TRUE(store.mark(state, {{rows[0].id.value}, {rows[0].created_micros}, {1}}));
}

TEST_F(RelayStoring, ABatchEndsWithTheEventThatReachesItsBytes) {
  database.query(
      "INSERT INTO outbox (workspace_id, chat_id, type, audience, data)"
      " SELECT 1, 1, 'NewMessage', '\"chat\"', json_build_object('content', repeat('x', 1000))"
      " FROM generate_series(1, 20)");
  PostgresRelayStore store{database.url()};
  const auto ids_of = [](const std::vector<OutboxRow>& rows) {
    std::vector<std::int64_t> ids;
    for (const auto& row : rows) ids.push_back(row.id.value);
    return ids;
  };
  EXPECT_THAT(ids_of(store.unpublished({20, 3000})), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(ids_of(store.unpublished({20, 1})), testing::ElementsAre(1));
  EXPECT_THAT(ids_of(store.unpublished({2, all_bytes})), testing::ElementsAre(1, 2));
  database.query("UPDATE outbox SET epoch = 1, stream_seq = id");
  RelayState state;
  state.epoch.number = 2;
  state.republish_after = EventId{5};
  state.republish_until = EventId{9};
  EXPECT_THAT(ids_of(store.to_republish(state, {20, 3000})), testing::ElementsAre(6, 7, 8));
  EXPECT_THAT(ids_of(store.to_republish(state, {20, all_bytes})), testing::ElementsAre(6, 7, 8, 9));
}

TEST_F(RelayStoring, AStatementThatTookTooLongIsReportedAsThat) {
  database.add_events(1);
  PostgresRelayStore store{database.url(), {}, std::chrono::milliseconds{50}};
  store.unpublished({1, 1});
  postgres::Connection holder{database.owner_url()};
  holder.run_script("BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE");
  EXPECT_THROW(store.unpublished({1, 1}), event::TookTooLong);
  holder.run_script("COMMIT");
  EXPECT_EQ(store.unpublished({1, 1}).size(), 1U);
}

// Plans are made while the outbox is small, and are not made again.
TEST_F(RelayStoring, NoStatementScansTheOutbox) {
  database.add_events(300);
  const auto sum_of = [this](const std::string& column) {
    return database.number("SELECT sum(" + column +
                           ") FROM pg_stat_user_tables WHERE relname LIKE 'outbox%'");
  };
  ASSERT_TRUE(test::eventually([&] { return sum_of("n_tup_ins") == 300; }));
  const auto before = sum_of("seq_scan");
  std::optional<PostgresRelayStore> store{database.url()};
  auto state = store->acquire_lease("me").value();
  state =
      store->raise_epoch(state.token, {1, 1, "x", {}, 0, false, {}, std::chrono::hours{1}}).value();
  for (const auto& row : store->unpublished({300, all_bytes})) {
    ASSERT_EQ(store->unpublished({1, all_bytes}).at(0).id, row.id);
    const auto seq = state.last_stream_seq + 1;
    ASSERT_TRUE(store->mark(
        state, {{row.id.value}, {row.created_micros}, {static_cast<std::int64_t>(seq)}}));
    state.last_stream_seq = seq;
  }
  store.reset();  // a connection reports its statistics when it ends
  ASSERT_TRUE(test::eventually([&] { return sum_of("n_tup_upd") == 300; }));
  EXPECT_EQ(sum_of("seq_scan"), before);
}

TEST_F(RelayStoring, OldPartitionsAreDroppedOnlyWhenWhollyPublished) {
  const auto partitions = [this] {
    return database.number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'outbox'::regclass");
  };
  ASSERT_EQ(partitions(), 16);  // today, 14 days, the default
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
  PostgresRelayStore store{database.url()};
  store.maintain_partitions(2, 8);
  EXPECT_EQ(partitions(), 6);  // today, 3 days, the default, the one with an unpublished event
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE created_at < '2020-01-03'"), 1);
}

TEST_F(RelayStoring, APartitionOfALaterDayStaysWhileItHasEvents) {
  database.query(
      "INSERT INTO outbox (created_at, workspace_id, type, audience, data)"
      " VALUES (now() + interval '10 days', 1, 'NewChat', '\"chat\"', '{}')");
  PostgresRelayStore store{database.url()};
  store.maintain_partitions(2, 8);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_inherits"
                            " WHERE inhparent = 'outbox'::regclass"),
            6);  // today, 3 days, the default, that day
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox"), 1);
}

// Days for which there was no partition, since no relay had run for a while.
TEST_F(RelayStoring, TheDefaultPartitionIsEmptiedOnceAllOfItIsOldAndPublished) {
  const auto left = [this] {
    return database.number("SELECT count(*) FROM outbox_default") +
           10 * database.number("SELECT count(*) FROM stream_texts_default");
  };
  database.query(
      "INSERT INTO outbox (created_at, workspace_id, type, audience, data, epoch, stream_seq)"
      " SELECT now() - interval '1 day' * days, 1, 'NewChat', '\"chat\"', '{}', 1, 1"
      " FROM unnest(ARRAY[1, 30, 40]) days;"
      "INSERT INTO stream_texts (chat_id, seq, version, event_id, epoch, stream_seq, published_at)"
      " VALUES (1, 1, 1, 1, 1, 1, now() - interval '30 days')");
  PostgresRelayStore store{database.url()};
  store.maintain_partitions(2, 40);
  EXPECT_EQ(left(), 13);
  database.query(
      "DELETE FROM outbox WHERE created_at > now() - interval '20 days';"
      "UPDATE outbox SET epoch = NULL, stream_seq = NULL"
      " WHERE created_at > now() - interval '35 days'");
  store.maintain_partitions(2, 40);
  EXPECT_EQ(left(), 12);
  database.query("UPDATE outbox SET epoch = 1, stream_seq = 2 WHERE stream_seq IS NULL");
  store.maintain_partitions(2, 8);
  EXPECT_EQ(left(), 0);
}

// A dump reads all tables in one transaction.
TEST_F(RelayStoring, PartitionsAreMaintainedLaterWhileTheTablesAreBeingRead) {
  postgres::Connection reader{database.owner_url()};
  reader.run_script("BEGIN; SELECT FROM outbox; SELECT FROM stream_texts");
  PostgresRelayStore store{database.url()};
  EXPECT_FALSE(store.maintain_partitions(2, 8));
  database.add_events(1);
  EXPECT_EQ(store.unpublished({1, all_bytes}).size(), 1U);
  reader.run_script("COMMIT");
  EXPECT_TRUE(store.maintain_partitions(2, 8));
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_inherits"
                            " WHERE inhparent = 'outbox'::regclass"),
            5);  // today, 3 days, the default
}

// The planner has seen an outbox without unpublished events, as it nearly always is.
TEST_F(RelayStoring, ABacklogIsNotSortedForEachBatch) {
  database.query(
      "INSERT INTO outbox (workspace_id, chat_id, type, audience, data, epoch, stream_seq)"
      " SELECT 1, 1, 'NewChat', '\"chat\"', '{}', 1, g FROM generate_series(1, 3000) g;"
      "ANALYZE outbox;"
      "INSERT INTO outbox (workspace_id, chat_id, type, audience, data)"
      " SELECT 1, 1, 'NewChat', '\"chat\"', '{}' FROM generate_series(1, 3000) g");
  const auto read_by_index = [this] {
    return database.number(
        "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes"
        " WHERE indexrelname LIKE 'outbox_%_id_idx'");
  };
  ASSERT_TRUE(test::eventually([&] {
    return database.number(
               "SELECT sum(n_tup_ins) FROM pg_stat_user_tables"
               " WHERE relname LIKE 'outbox%'") == 6000;
  }));
  const auto before = read_by_index();
  std::optional<PostgresRelayStore> store{database.url()};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(store->unpublished({10, all_bytes}).size(), 10U);
  store.reset();  // a connection reports its statistics when it ends
  ASSERT_TRUE(test::eventually([&] { return read_by_index() >= before + 200; }));
  EXPECT_LT(read_by_index(), before + 20 * 200);
}

}  // namespace
}  // namespace fechatter::server
