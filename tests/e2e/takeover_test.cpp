#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <numeric>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/chaos/fault_proxy.hpp"
#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

// Take-over of the relay's lease by another fechatter_server: messages sent meanwhile are delivered
// once and in order.
namespace fechatter::test {
namespace {

using std::chrono::steady_clock;

// The promise is 2 s; the margin covers other load on the machine.
constexpr std::chrono::seconds take_over_max{10};

class RelayTakeOver : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(takes_over(first()));
    second.start();
  }

  Server& first() { return system.server; }

  bool holds_the_lease(const Server& server) {
    return database.number(fmt::format("SELECT count(*) FROM relay_state WHERE holder LIKE '%:{}'"
                                       " AND expires_at > clock_timestamp()",
                                       server.pid())) == 1;
  }
  bool takes_over(const Server& server) {
    return eventually([&] { return holds_the_lease(server); }, take_over_max);
  }

  // Alice posts `count` messages through `server`, each with the next number as its content.
  void post_through(const Server& server, int count) {
    for (int i = 0; i < count; ++i) {
      const auto reply =
          request(server.port(), "POST", fmt::format("/api/chat/{}/messages", chat),
                  nlohmann::json{{"content", std::to_string(++sent)}}, alice.bearer());
      ASSERT_EQ(reply.status, 201) << reply.body;
    }
  }

  // The `seq` of each message on bob's stream up to the last sent one; -1 stands for a Reset.
  std::vector<std::int64_t> delivered() {
    while (delivered_seqs.empty() || delivered_seqs.back() < sent) {
      const auto event = session.next();
      if (!event) break;
      if (event->name == "NewMessage") delivered_seqs.push_back(event->data.at("seq"));
      if (event->name == "Reset") delivered_seqs.push_back(-1);
    }
    return delivered_seqs;
  }
  std::vector<std::int64_t> all_sent() const {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(sent));
    std::iota(numbers.begin(), numbers.end(), 1);
    return numbers;
  }

  bool all_published() {
    return eventually([this] {
      return database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
    });
  }

  // Event ids with their stream sequences: as stored in the stream, and as marked in the outbox.
  using Positions = std::vector<std::pair<std::int64_t, std::int64_t>>;
  Positions in_the_stream() const {
    nats::Connection connection{{system.nats.url(), "test reader"}};
    nats::JetStream stream{connection};
    const auto state = stream.find_state().value();
    Positions positions;
    for (const auto& message : stream.read_range(state.first_seq, state.last_seq)) {
      positions.emplace_back(event::parse_message_id(message.message_id).event.value,
                             message.stream_seq);
    }
    return positions;
  }
  Positions in_the_outbox() {
    Positions positions;
    for (const auto& row :
         database.query("SELECT id, stream_seq FROM outbox WHERE epoch = 1 ORDER BY stream_seq")) {
      positions.emplace_back(row[0].as<std::int64_t>(), row[1].as<std::int64_t>());
    }
    return positions;
  }

  std::int64_t waiting_marks() {
    return database.number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE '%relay_mark%' AND wait_event_type = 'Lock'");
  }

  void expect_everything_delivered_and_published_once() {
    EXPECT_EQ(delivered(), all_sent());
    EXPECT_TRUE(all_published());
    EXPECT_EQ(in_the_stream(), in_the_outbox());
  }

  TestDatabase database;
  chaos::FaultProxy proxy;
  // Between the first server and PostgreSQL; all other connections are direct.
  std::size_t link_to_postgres = proxy.add_link(chaos::port_of(database.url()));
  System system{{chaos::with_port(database.url(), proxy.port(link_to_postgres)),
                 {},
                 {},
                 {{"DATABASE_URL", database.notify_url()}}}};
  Server second{
      server_program(), system.folder.path("second.log"),
      server_environment({database.url(), system.nats.server_url(), system.folder.path()})};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
  SseStream session = bob.subscribes();
  std::int64_t sent = 0;
  std::vector<std::int64_t> delivered_seqs;
};

TEST_F(RelayTakeOver, MessagesAreDeliveredAfterTheHolderIsKilled) {
  post_through(second, 50);
  const auto killed_at = steady_clock::now();
  first().kill();
  post_through(second, 1);
  EXPECT_EQ(delivered(), all_sent());
  const auto took = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - killed_at);
  EXPECT_LT(took, take_over_max);
  fmt::print("delivered {} ms after the holder was killed\n", took.count());
  RecordProperty("milliseconds", std::to_string(took.count()));
  EXPECT_TRUE(holds_the_lease(second));
  expect_everything_delivered_and_published_once();
}

// The servers take over from each other in turn, so each resumed server works again later.
TEST_F(RelayTakeOver, AFencedHolderPublishesAndMarksNothing) {
  auto* holder = &first();
  auto* other = &second;
  for (int round = 0; round < 4; ++round) {
    post_through(*other, 20);
    holder->signal(SIGSTOP);
    post_through(*other, 20);
    ASSERT_TRUE(takes_over(*other)) << "round " << round;
    holder->signal(SIGCONT);
    post_through(*other, 20);
    std::swap(holder, other);
  }
  expect_everything_delivered_and_published_once();
}

// The events are in the stream but not marked: a lock of the test holds up the mark statement, and
// its sender is stopped.
TEST_F(RelayTakeOver, UnmarkedEventsOfAStoppedHolderAreNotDeliveredTwice) {
  ASSERT_TRUE(all_published());
  system.nats.kill();
  post_through(second, 10);
  postgres::Connection lock{database.owner_url()};
  lock.run_script("BEGIN; SELECT id FROM outbox WHERE stream_seq IS NULL FOR UPDATE");
  system.nats.start();
  ASSERT_TRUE(eventually([this] { return waiting_marks() == 1; }));
  auto& holder = holds_the_lease(first()) ? first() : second;
  auto& other = &holder == &second ? first() : second;
  holder.signal(SIGSTOP);
  EXPECT_TRUE(eventually([this] { return waiting_marks() == 0; }));  // statement timeout, 1 s
  EXPECT_EQ(in_the_stream().size(), in_the_outbox().size() + 10);
  lock.run_script("ROLLBACK");

  ASSERT_TRUE(takes_over(other));
  holder.signal(SIGCONT);
  post_through(other, 10);
  expect_everything_delivered_and_published_once();
}

// Half-open connections, as after the failure of a router: they stay open and pass no bytes.
TEST_F(RelayTakeOver, AHolderThatLosesPostgresIsReplacedAndTakesOverLater) {
  post_through(second, 20);
  proxy.set(link_to_postgres, chaos::LinkFault::silent);
  post_through(second, 20);
  ASSERT_TRUE(takes_over(second));
  EXPECT_EQ(delivered(), all_sent());

  proxy.set(link_to_postgres, chaos::LinkFault::none);
  post_through(second, 20);
  EXPECT_TRUE(eventually([this] { return alice.get("/api/chat").status == 200; }));
  second.kill();
  ASSERT_TRUE(takes_over(first()));
  post_through(first(), 20);
  expect_everything_delivered_and_published_once();
}

}  // namespace
}  // namespace fechatter::test
