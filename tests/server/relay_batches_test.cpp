#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "fechatter_server/outbox/outbox_relay.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// A stream from which a range of more than eight messages is not read in time.
class SlowStream final : public event::EventStream {
 public:
  explicit SlowStream(nats::Connection& connection) : stream_{connection} {}

  std::optional<event::StreamState> find_state() override { return stream_.find_state(); }
  event::StreamState create() override { return stream_.create(); }
  void purge(std::uint64_t last_seq) override { stream_.purge(last_seq); }
  std::optional<event::StreamMessage> find_message(std::uint64_t stream_seq) override {
    return stream_.find_message(stream_seq);
  }
  std::vector<std::uint64_t> find_missing() override { return stream_.find_missing(); }
  void erase(std::uint64_t stream_seq) override { stream_.erase(stream_seq); }
  std::vector<event::StreamMessage> read_range(std::uint64_t first, std::uint64_t last) override {
    if (last - first >= 8) throw event::TookTooLong{"slow"};
    return stream_.read_range(first, last);
  }
  event::WorkspaceRange read_workspace(WorkspaceId workspace, std::uint64_t first,
                                       const event::ReadLimits& limits) override {
    return stream_.read_workspace(workspace, first, limits);
  }
  std::unique_ptr<event::EventReader> follow(const event::StartAt& start) override {
    return stream_.follow(start);
  }
  std::uint64_t publish(const event::Publication& publication) override {
    return stream_.publish(publication);
  }
  std::optional<event::PublishAck> next_ack(std::chrono::milliseconds timeout) override {
    return stream_.next_ack(timeout);
  }
  void request_verification(const event::StreamObservation& observation) override {
    stream_.request_verification(observation);
  }

 private:
  nats::JetStream stream_;
};

class RelayBatches : public testing::Test {
 protected:
  RelaySettings settings() const {
    RelaySettings relay;
    relay.database_url = database.url();
    relay.nats = nats.as_server("test relay");
    return relay;
  }
  bool all_published(std::chrono::seconds deadline = std::chrono::seconds{15}) {
    return test::eventually(
        [this] {
          return database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
        },
        deadline);
  }

  // How many events of the outbox are in the stream where their marks of its epoch say.
  std::size_t in_the_stream_as_marked() {
    nats::Connection connection{{nats.url(), "reader"}};
    nats::JetStream stream{connection};
    std::map<std::uint64_t, std::string> messages;
    for (auto& message : stream.read_range(1, 1000)) messages[message.stream_seq] = message.data;
    std::size_t count = 0;
    for (const auto& row :
         database.query("SELECT o.stream_seq, o.data->>'content' FROM outbox o JOIN relay_state s"
                        " ON s.epoch = o.epoch WHERE o.stream_seq IS NOT NULL")) {
      const auto found = messages.find(row[0].as<std::uint64_t>());
      if (found != messages.end() && found->second.find(row[1].c_str()) != std::string::npos) {
        ++count;
      }
    }
    return count;
  }

  // Damages the message of the stream that has the text, while nats-server is down.
  bool damage(const std::string& text) {
    const std::string key = "Store Directory: \"";
    const auto log = nats.log();
    const auto at = log.find(key) + key.size();
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{log.substr(at, log.find('"', at) - at)}) {
      if (entry.path().extension() != ".blk") continue;
      std::ifstream file{entry.path(), std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
      const auto found = bytes.find(text);
      if (found != std::string::npos) return nats.flip_byte(found);
    }
    return false;
  }

  test::TestDatabase database;
  test::NatsServer nats;
};

// The marks name events that the stream cannot deliver any more: they are published again, in a new
// epoch, or, where NATS has cut the stream before the damage (2.10), in this one.
TEST_F(RelayBatches, ADamagedMessageThatIsNotMarkedIsPublishedAgain) {
  {
    const OutboxRelay relay{settings()};
    for (int i = 1; i <= 10; ++i) {
      database.query(
          fmt::format("INSERT INTO outbox (workspace_id, chat_id, type, audience, data) VALUES"
                      " (1, 1, 'NewMessage', '\"chat\"', '{{\"content\": \"text {} of ten\"}}')",
                      i));
    }
    ASSERT_TRUE(all_published());
  }
  nats.kill();
  ASSERT_TRUE(damage("text 9 of ten"));
  nats.start();
  database.query(
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL, published_at = NULL"
      " WHERE id > 6; UPDATE relay_state SET last_stream_seq = 6, last_event_id = 6");
  const OutboxRelay relay{settings()};
  const OutboxRelay another{settings()};
  EXPECT_TRUE(test::eventually([this] { return in_the_stream_as_marked() == 10; }));
}

// What 30 seconds without NATS may gather. A relay that asks for the same rows again after each
// time-out would publish nothing any more.
TEST_F(RelayBatches, EventsOfTheLargestSizeDrainUnderAShortStatementTimeout) {
  database.query(
      "INSERT INTO outbox (workspace_id, chat_id, type, audience, data)"
      " SELECT 1, 1, 'NewMessage', '\"chat\"', json_build_object('content', large.content)"
      " FROM (SELECT repeat('x', 512 * 1024 - 20) AS content) large, generate_series(1, 512)");
  auto slow = settings();
  slow.statement_timeout = std::chrono::milliseconds{100};
  const OutboxRelay relay{slow};
  EXPECT_TRUE(all_published(std::chrono::seconds{90}));
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
  EXPECT_EQ(database.number("SELECT last_stream_seq FROM relay_state"), 512);
}

TEST_F(RelayBatches, ARangeThatTookTooLongIsReadInPartsAndNoLoss) {
  {
    const OutboxRelay relay{settings()};
    database.add_events(100);
    ASSERT_TRUE(all_published());
  }
  // As if a crash had undone the last marks.
  database.query(
      "UPDATE outbox SET stream_seq = NULL, epoch = NULL, published_at = NULL"
      " WHERE id > 10; UPDATE relay_state SET last_stream_seq = 10, last_event_id = 10");
  nats::Connection connection{nats.as_server("slow")};
  SlowStream stream{connection};
  PostgresRelayStore store{database.url()};
  Relay relay{{}, store, "me"};
  EXPECT_TRUE(test::eventually([&] {
    try {
      relay.step(stream);
    } catch (const event::TookTooLong&) {
      relay.give_up();
    }
    return database.number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
  }));
  EXPECT_EQ(database.number("SELECT epoch FROM relay_state"), 1);
  const auto state = nats::JetStream{connection}.find_state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->last_seq, 100U);
}

}  // namespace
}  // namespace fechatter::server
