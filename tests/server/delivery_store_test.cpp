#include "fechatter_server/read/delivery_store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

constexpr ChatId only_chat{1};

// A chat of 40 members, in which ten messages were sent.
class StoredDeliveries : public testing::Test {
 protected:
  StoredDeliveries() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, 40) i;"
        "SELECT create_chat(1, 1, 'group', 'chat', '',"
        "                   ARRAY(SELECT i::bigint FROM generate_series(1, 40) i));"
        "UPDATE chats SET last_seq = 10");
  }
  static std::vector<event::Delivery> to_all(std::int64_t seq) {
    std::vector<event::Delivery> deliveries;
    for (std::int64_t user = 1; user <= 40; ++user) {
      deliveries.push_back({only_chat, UserId{user}, seq, now()});
    }
    return deliveries;
  }
  void database_refuses(std::int64_t user) {
    database.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''refused''; END';"
        "CREATE TRIGGER refuse BEFORE INSERT ON chat_receipts FOR EACH ROW"
        " WHEN (NEW.user_id = " +
        std::to_string(user) + ") EXECUTE FUNCTION refuse()");
  }
  std::int64_t stored() {
    return database.number("SELECT count(*) FROM chat_receipts WHERE delivered_seqs = '{7}'");
  }

  test::TestDatabase database;
};

TEST_F(StoredDeliveries, OneThatTheDatabaseRefusesIsDroppedAlone) {
  database_refuses(17);
  DeliveryStore store{database.url()};
  store.add(to_all(7));
  store.run_turn();
  EXPECT_EQ(stored(), 39);
  EXPECT_EQ(store.waiting(), 0U);
}

TEST_F(StoredDeliveries, AreStoredAtTheEnd) {
  std::optional<DeliveryStore> store{database.url()};
  store->run_turn();  // the next one would be a second later
  store->add(to_all(6));
  store->add(to_all(7));
  EXPECT_EQ(stored(), 0);
  store.reset();
  EXPECT_EQ(stored(), 40);
}

// All members of busy chats have one every two seconds.
TEST_F(StoredDeliveries, RewriteTheirRowsInPlaceAndUncompressed) {
  database.query("UPDATE chats SET last_seq = 200");
  postgres::Connection connection{database.url()};
  for (int seq = 1; seq <= 130; ++seq) {
    connection.run_script(
        fmt::format("SELECT store_deliveries((SELECT json_agg(json_build_object("
                    "'chat_id', 1, 'user_id', i, 'seq', {}, 'at', {}))"
                    " FROM generate_series(1, 40) i))",
                    seq, seq));
  }
  connection.run_script("SELECT pg_stat_force_next_flush()");
  EXPECT_EQ(database.number("SELECT min(pg_column_size(delivered_seqs)) FROM chat_receipts"),
            24 + 98 * 8);
  EXPECT_EQ(database.number("SELECT n_tup_upd FROM pg_stat_user_tables"
                            " WHERE relname = 'chat_receipts'"),
            129 * 40);
  EXPECT_GT(database.number("SELECT n_tup_hot_upd FROM pg_stat_user_tables"
                            " WHERE relname = 'chat_receipts'"),
            129 * 40 / 4);  // rows that grow leave their page now and then
}

TEST(DeliveryStore, KeepsWhatItCannotStoreWhileTheDatabaseIsAway) {
  DeliveryStore store{"postgresql://fechatter@127.0.0.1:1/none"};
  store.add({{only_chat, UserId{1}, 7, now()}});
  store.run_turn();
  EXPECT_EQ(store.waiting(), 1U);
  std::vector<event::Delivery> many;
  for (std::int64_t user = 1; user <= 25'000; ++user) {
    many.push_back({only_chat, UserId{user}, 7, now()});
  }
  store.add(many);
  EXPECT_EQ(store.waiting(), 20'000U);
}

}  // namespace
}  // namespace fechatter::server
