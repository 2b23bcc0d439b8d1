#include "notify_server/stream/shard_counts.hpp"

#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;

class Counts : public ShardTest {
 protected:
  Counts() { warm_up(); }

  // A message that was committed so long ago.
  static event::Envelope committed(std::int64_t event_id, std::chrono::milliseconds ago) {
    auto envelope = in_chat(lunch, event_id);
    envelope.occurred_at = to_rfc3339(now() - ago);
    return envelope;
  }
  std::uint64_t delivered() const { return shard->counts().delivered.snapshot().total(); }
  std::uint64_t delivered_late() const { return shard->counts().delivered_late.snapshot().total(); }
};

TEST_F(Counts, ALiveMessageIsMeasuredFromItsCommitForEachStream) {
  auto& phone = join(alice);
  auto& laptop = join(alice);
  publish(committed(1, 40ms));
  until_received(phone, 2);
  until_received(laptop, 2);
  EXPECT_EQ(delivered(), 2U);
  const auto micros = shard->counts().delivered.snapshot().sum;
  EXPECT_GE(micros, 80'000U);
  EXPECT_LT(micros, 20'000'000U);
  EXPECT_EQ(delivered_late(), 0U);
}

TEST_F(Counts, OtherEventsAreNotMeasured) {
  auto& phone = join(alice);
  publish(in_chat(lunch, 1, "MessageUpdated"));
  publish(in_chat(lunch, 2, "ChatUpdated"));
  until_received(phone, 3);
  EXPECT_EQ(delivered(), 0U);
}

TEST_F(Counts, AReplayedMessageIsNotMeasuredButCountedAsReplayed) {
  publish(committed(1, 1h));
  run_a_little();
  auto& phone = join(alice, "1-0");
  EXPECT_TRUE(phone.has("NewMessage"));
  EXPECT_EQ(delivered(), 0U);
  EXPECT_EQ(shard->counts().replay_sizes.snapshot().sum, 1U);
  EXPECT_EQ(shard->counts().replay_times.snapshot().total(), 1U);
}

TEST_F(Counts, WhatASlowClientReadsLateIsMeasuredApart) {
  auto& phone = connect(alice, {}, 4096);
  until([&] { return phone.has("CaughtUp"); });
  auto envelope = committed(0, 0ms);
  envelope.data = nlohmann::json{{"content", std::string(500, 'x')}}.dump();
  int sent = 0;
  // The client does not read meanwhile.
  while (shard->counts().queued_bytes.value() == 0 && sent < 1000) {
    envelope.event_id.value = ++sent;
    publish(envelope);
    shard->io().run_for(1ms);
  }
  ASSERT_LT(sent, 1000);
  EXPECT_GT(delivered(), 0U);
  until_received(phone, static_cast<std::size_t>(sent) + 1);
  EXPECT_GT(delivered_late(), 0U);
  EXPECT_EQ(delivered() + delivered_late(), static_cast<std::uint64_t>(sent));
  EXPECT_EQ(shard->counts().queued_bytes.value(), 0U);
}

TEST_F(Counts, WhatAClosedStreamHadQueuedIsCountedNoLonger) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  auto& phone = connect(alice, {}, 4096);
  until([&] { return phone.has("CaughtUp"); });
  auto envelope = committed(0, 0ms);
  envelope.data = nlohmann::json{{"content", std::string(30'000, 'x')}}.dump();
  until([&] {
    ++envelope.event_id.value;
    publish(envelope);
    shard->io().run_for(1ms);
    return shard->counts().slow_consumers() == 1;
  });
  EXPECT_EQ(shard->counts().queued_bytes.value(), 0U);
}

TEST_F(Counts, AStreamIsCountedByItsStart) {
  publish(committed(1, 0ms));
  run_a_little();
  join(alice);
  join(alice, "1-1");
  join(alice, "0-77");
  const auto& counts = shard->counts();
  EXPECT_EQ(counts.opened.value(StreamStart::fresh), 1U);
  EXPECT_EQ(counts.opened.value(StreamStart::resumed), 1U);
  EXPECT_EQ(counts.opened.value(StreamStart::reset), 1U);
  EXPECT_EQ(counts.resets.value(), 1U);
}

TEST_F(Counts, ALiveStreamThatGetsAResetHasOpenedOnce) {
  auto& phone = join(alice);
  deliver(StreamUpdate::Kind::lost, {1, 5});
  until([&] { return phone.has("Reset"); });
  EXPECT_EQ(shard->counts().opened.value(StreamStart::fresh), 1U);
  EXPECT_EQ(shard->counts().opened.value(StreamStart::reset), 0U);
  EXPECT_EQ(shard->counts().resets.value(), 1U);
}

TEST_F(Counts, AStreamIsCountedByTheCauseOfItsEnd) {
  settings.connections_per_user = 1;
  restart_shard();
  warm_up();
  join(alice);
  auto& second = join(alice);
  const auto& closed = shard->counts().closed;
  EXPECT_EQ(closed.value(CloseCause::connection_limit), 1U);
  second.disconnect();
  until([&] { return closed.value(CloseCause::client_left) == 1; });
  join(bob);
  shard->close_sessions({SessionId{next_session - 1}});
  until([&] { return closed.value(CloseCause::session_ended) == 1; });
  join(bob);
  auto drained = shard->drain(0ms);
  until([&] { return closed.value(CloseCause::drained) == 1; });
}

TEST(NamesOfStreamCounts, EachCauseAndEachStartHasOne) {
  for (std::size_t i = 0; i < observability::CounterSet<CloseCause>::size; ++i) {
    EXPECT_FALSE(name_of(static_cast<CloseCause>(i)).empty()) << i;
  }
  for (std::size_t i = 0; i < observability::CounterSet<StreamStart>::size; ++i) {
    EXPECT_FALSE(name_of(static_cast<StreamStart>(i)).empty()) << i;
  }
}

}  // namespace
}  // namespace fechatter::notify::test
