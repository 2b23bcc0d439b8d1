#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_server/outbox/outbox_relay.hpp"
#include "fechatter_server/outbox/postgres_erasure_store.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Events that show the first version of the messages 1, 2, 3 … of a chat, and the relay.
class Erasing : public testing::Test {
 protected:
  RelaySettings settings() const {
    RelaySettings made;
    made.database_url = database.url();
    made.nats = {nats.url(), "test relay"};
    return made;
  }
  void write(const std::string& text, const std::string& type = "NewMessage") {
    database.query(fmt::format(
        "INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)"
        " SELECT 1, 1, '{}', count(*) + 1, 1, '\"chat\"', json_build_object('content', '{}')"
        " FROM outbox",
        type, text));
  }
  void write_and_publish(int count) {
    for (int i = 1; i <= count; ++i) write(fmt::format("text {}", i));
    ASSERT_TRUE(all_published());
  }
  bool all_published() {
    return test::eventually([this] {
      return database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
    });
  }
  void request(std::int64_t event) {
    database.query(fmt::format("SELECT request_text_erasure(1, {}, 2)", event));
  }
  std::int64_t find_texts() { return database.number("SELECT cleanup_erasures(100)"); }
  std::size_t erase() {
    PostgresErasureStore store{database.url()};
    return Eraser{store}.step(stream);
  }
  void erase_event(std::int64_t event) {
    request(event);
    find_texts();
    erase();
  }
  // The sequences of the stream that have no message.
  std::vector<std::uint64_t> holes() {
    const auto state = stream.find_state();
    return state && state->has_hole() ? stream.find_missing() : std::vector<std::uint64_t>{};
  }
  std::string text_of(std::int64_t event) {
    return database.query(fmt::format("SELECT data::text FROM outbox WHERE id = {}", event))[0][0]
        .c_str();
  }
  std::int64_t epoch() { return database.number("SELECT epoch FROM relay_state"); }
  // The next holder of the lease verifies the stream before it publishes.
  void next_holder_publishes() {
    relay.reset();
    relay.emplace(settings());
    write("more");
    ASSERT_TRUE(all_published());
  }

  test::TestDatabase database;
  test::NatsServer nats;
  nats::Connection connection{{nats.url(), "test"}};
  nats::JetStream stream{connection};
  std::optional<OutboxRelay> relay{std::in_place, settings()};
};

TEST_F(Erasing, TakesTheTextFromOutboxAndStreamAndIsNoLoss) {
  write_and_publish(5);
  erase_event(3);
  EXPECT_EQ(text_of(3), "{}");
  EXPECT_THAT(holes(), ElementsAre(3U));
  next_holder_publishes();
  EXPECT_EQ(epoch(), 1);
}

TEST_F(Erasing, OfTheNewestMessageIsNoLossAfterARestartOfNats) {
  write_and_publish(5);
  erase_event(5);
  EXPECT_FALSE(stream.find_message(5));
  relay.reset();
  nats.kill();
  nats.start();
  next_holder_publishes();
  EXPECT_EQ(epoch(), 1);
  nats::Connection fresh{{nats.url(), "test"}};
  EXPECT_EQ(nats::JetStream{fresh}.find_state()->last_seq, 6U);
}

TEST_F(Erasing, HidesNoLossOfAnotherMessage) {
  write_and_publish(5);
  erase_event(3);
  stream.erase(2);  // not on record
  relay.reset();
  relay.emplace(settings());
  EXPECT_TRUE(test::eventually([this] { return epoch() == 2; }));
}

TEST_F(Erasing, ARepublishHasTheEventWithoutItsText) {
  write_and_publish(4);
  erase_event(2);
  relay.reset();
  nats.kill();
  nats.lose_store();
  nats.start();
  relay.emplace(settings());
  ASSERT_TRUE(test::eventually(
      [this] { return database.number("SELECT count(*) FROM outbox WHERE epoch = 2") == 4; }));
  nats::Connection fresh{{nats.url(), "test"}};
  std::vector<std::string> types;
  for (const auto& message : nats::JetStream{fresh}.read_range(1, 4)) {
    types.push_back(event::parse_envelope(message.data).type);
  }
  EXPECT_THAT(types, ElementsAre("NewMessage", "Erased", "NewMessage", "NewMessage"));
}

TEST_F(Erasing, AnEventThatWaitsInTheOutboxIsPublishedWithoutItsText) {
  relay.reset();
  write("text");
  request(1);
  EXPECT_EQ(find_texts(), 1);
  EXPECT_EQ(text_of(1), "{}");
  relay.emplace(settings());
  ASSERT_TRUE(all_published());
  EXPECT_EQ(event::parse_envelope(stream.find_message(1)->data).type, "Erased");
}

// The relay had read the event, and published it after the erasure from the outbox.
TEST_F(Erasing, ATextThatWasUnderWayIsErasedOnceItIsMarked) {
  write_and_publish(3);
  database.query(
      "UPDATE outbox SET data = '{}', erased_at = now() WHERE id = 2;"
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL WHERE id >= 2;"
      "DELETE FROM stream_texts WHERE event_id >= 2;"
      "UPDATE relay_state SET last_stream_seq = 1, last_event_id = 1");
  next_holder_publishes();
  EXPECT_EQ(find_texts(), 1);
  EXPECT_EQ(erase(), 1U);
  EXPECT_THAT(holes(), ElementsAre(2U));
  EXPECT_EQ(epoch(), 1);
}

TEST_F(Erasing, ThatWasAskedForAndNotAnsweredIsAskedForAgain) {
  write_and_publish(3);
  request(2);
  find_texts();
  PostgresErasureStore store{database.url()};
  EXPECT_THAT(store.ask({{{1, 2}, EventId{2}, WorkspaceId{1}, 1}}), ElementsAre(2U));
  EXPECT_TRUE(store.open(10).at(0).asked);
  EXPECT_EQ(erase(), 1U);
  EXPECT_THAT(holes(), ElementsAre(2U));
  EXPECT_THAT(store.open(10), IsEmpty());
}

// This instance had read what is open, and then found no message where the other had erased it.
TEST_F(Erasing, ByAnotherInstanceInTheMeantimeIsNoLoss) {
  write_and_publish(3);
  request(2);
  find_texts();
  PostgresErasureStore store{database.url()};
  const auto open = store.open(10);
  EXPECT_EQ(erase(), 1U);
  store.settle({}, {open.at(0).position});
  next_holder_publishes();
  EXPECT_EQ(epoch(), 1);
}

TEST_F(Erasing, ThatAnotherInstanceIsAskingForStaysOnRecord) {
  write_and_publish(3);
  request(2);
  find_texts();
  PostgresErasureStore store{database.url()};
  const auto open = store.open(10);
  store.ask({{{1, 2}, EventId{2}, WorkspaceId{1}, 1}});
  stream.erase(2);
  store.settle({}, {open.at(0).position});
  next_holder_publishes();
  EXPECT_EQ(epoch(), 1);
}

// The sequence belongs to another message: the record names one of a tail that was lost.
TEST_F(Erasing, NeverTakesAnotherMessageAtTheSequence) {
  write_and_publish(3);
  database.query("INSERT INTO stream_erasures (epoch, stream_seq, event_id) VALUES (1, 2, 77)");
  EXPECT_EQ(erase(), 1U);
  EXPECT_THAT(holes(), IsEmpty());
  EXPECT_EQ(database.number("SELECT count(*) FROM stream_erasures"), 0);
}

TEST_F(Erasing, ANewEpochTakesBackTheErasuresOfSequencesThatItUses) {
  write_and_publish(3);
  relay.reset();
  request(2);
  request(3);
  find_texts();
  database.query(
      "SELECT relay_raise_epoch(token, 2, 3, 'x', 0, 0, false, 0, interval '1 hour')"
      " FROM relay_state");
  PostgresErasureStore store{database.url()};
  EXPECT_THAT(
      store.ask({{{1, 2}, EventId{2}, WorkspaceId{1}, 1}, {{1, 3}, EventId{3}, WorkspaceId{1}, 2}}),
      ElementsAre(2U));
}

// A restored database learns that an epoch which it has forgotten published the event somewhere.
TEST_F(Erasing, ATextOfAForgottenEpochIsFoundBeforeItIsPublishedAgain) {
  write_and_publish(1);
  relay.reset();
  write("text");
  database.query(
      "SELECT relay_raise_epoch(token, 2, 10, 'x', 0, 0, false, 2, interval '1 hour')"
      " FROM relay_state");
  request(2);
  EXPECT_EQ(find_texts(), 1);
  EXPECT_EQ(text_of(2), "{}");
}

TEST_F(Erasing, RecordsAreForgottenWhenTheStreamHasNoSuchOldMessage) {
  database.query(
      "INSERT INTO stream_erasures (epoch, stream_seq, event_id, requested_at)"
      " VALUES (1, 2, 2, now() - interval '9 days'), (1, 3, 3, now())");
  PostgresErasureStore store{database.url()};
  EXPECT_EQ(store.forget(8), 1);
  EXPECT_EQ(database.number("SELECT min(stream_seq) FROM stream_erasures"), 3);
}

}  // namespace
}  // namespace fechatter::server
