#include "tests/notify/stream/shard_fixture.hpp"

// Replays show the present version of a message, or its deletion, and no former version.
namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class Versions : public ShardTest {
 protected:
  Versions() { restart(50'000); }

  // With a ring of so many events.
  void restart(std::size_t ring_events) {
    settings.ring.events = ring_events;
    restart_shard();
    head = {1, 0};
    stream.events.clear();
    warm_up();
  }
  void post(std::int64_t seq) { publish_version(seq, 1); }
  void edit(std::int64_t seq, std::int64_t version) { publish_version(seq, version); }
  void talk(int messages) {
    for (int i = 0; i < messages; ++i) post(1000 + i);
  }

 private:
  void publish_version(std::int64_t seq, std::int64_t version) {
    publish(shows({lunch, seq}, version, static_cast<std::int64_t>(head.stream_seq) + 1));
  }
};

TEST_F(Versions, TheRingReplaysTheNewestVersionOnly) {
  post(1);
  post(2);
  edit(1, 2);
  edit(1, 3);
  EXPECT_THAT(join(alice, "1-0").ids(), ElementsAre("1-2", "1-4", "1-4"));
  EXPECT_THAT(database.version_reads, IsEmpty());
}

TEST_F(Versions, ACursorBetweenTwoVersionsGetsTheLaterOne) {
  post(1);
  edit(1, 2);
  EXPECT_THAT(join(alice, "1-1").names(), ElementsAre("MessageUpdated", "CaughtUp"));
}

TEST_F(Versions, TheStreamReplaysTheNewestVersionOnlyWithOneStatementForEachSlice) {
  restart(3);
  stream.slice = 4;
  post(1);
  post(2);
  edit(1, 2);
  post(3);
  edit(2, 2);
  post(4);
  talk(3);
  EXPECT_THAT(join(alice, "1-0").ids(),
              ElementsAre("1-3", "1-4", "1-5", "1-6", "1-7", "1-8", "1-9", "1-9"));
  const MessageKey first{lunch, 1};
  const MessageKey second{lunch, 2};
  EXPECT_THAT(database.version_reads, ElementsAre(ElementsAre(first, second, MessageKey{lunch, 3}),
                                                  ElementsAre(second, MessageKey{lunch, 4})));
}

TEST_F(Versions, AnEditThatIsNotPublishedYetFollowsLive) {
  restart(3);
  post(1);
  talk(3);
  database.versions[{lunch, 1}] = 2;
  auto& phone = join(alice, "1-0");
  EXPECT_THAT(phone.ids(), ElementsAre("1-2", "1-3", "1-4", "1-4"));
  edit(1, 2);
  until_received(phone, 5);
  EXPECT_EQ(phone.names().back(), "MessageUpdated");
}

// The slice has been read and looked at; its client takes it after the edit.
TEST_F(Versions, AnEditWhileTheClientTakesASliceIsReplayedInPlaceOfTheFormerText) {
  settings.connection_events_max = 16;
  restart(3);
  stream.slice = 3000;
  for (int seq = 1; seq <= 3000; ++seq) post(seq);
  auto [server, descriptor] = make_connection(4096);
  shard->adopt(request_of(alice, "1-0"), std::move(server));
  until([&] { return database.version_reads.size() == 1; });
  for (int i = 0; i < 10; ++i) run_a_little();
  edit(2990, 2);
  auto& phone = clients.emplace_back(descriptor);
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.ids(), Contains("1-2989"));
  EXPECT_THAT(phone.ids(), Not(Contains("1-2990")));
  EXPECT_THAT(phone.ids(), Contains("1-3001"));
  EXPECT_EQ(phone.frames().size(), 3001U);
}

// The edit is in the ring no longer: nothing there says what it superseded.
TEST_F(Versions, ASliceThatIsOlderThanTheRingIsReadAgain) {
  settings.connection_events_max = 16;
  restart(3);
  stream.slice = 3000;
  for (int seq = 1; seq <= 3000; ++seq) post(seq);
  auto [server, descriptor] = make_connection(4096);
  shard->adopt(request_of(alice, "1-0"), std::move(server));
  until([&] { return database.version_reads.size() == 1; });
  for (int i = 0; i < 10; ++i) run_a_little();
  edit(2990, 2);
  for (int seq = 3001; seq <= 3010; ++seq) post(seq);
  auto& phone = clients.emplace_back(descriptor);
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.ids(), Not(Contains("1-2990")));
  EXPECT_THAT(phone.ids(), Contains("1-3001"));
  EXPECT_EQ(phone.frames().size(), 3011U);
}

TEST_F(Versions, WithoutTheDatabaseTheReplayIsRepeatedAndShowsNothingBefore) {
  restart(3);
  post(1);
  edit(1, 2);
  talk(3);
  database.version_failures = 2;
  EXPECT_THAT(join(alice, "1-0").ids(), ElementsAre("1-2", "1-3", "1-4", "1-5", "1-5"));
  EXPECT_EQ(database.version_reads.size(), 3U);
}

TEST_F(Versions, WhileTheDatabaseStaysDownAConnectionIsClosedWithoutAnEvent) {
  settings.catch_up_timeout = 20ms;
  restart(3);
  post(1);
  talk(3);
  database.version_failures = 1'000'000;
  auto& phone = connect(alice, "1-0");
  until([&] { return phone.closed(); });
  EXPECT_THAT(phone.frames(), IsEmpty());
}

TEST_F(Versions, LiveEventsNeedNoLook) {
  auto& phone = join(alice);
  post(1);
  edit(1, 2);
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "NewMessage", "MessageUpdated"));
  EXPECT_THAT(database.version_reads, IsEmpty());
}

TEST_F(Versions, AnEvictedEventWithoutAVersionLeadsToAReset) {
  restart(3);
  auto old = shows({lunch, 1}, 1, 1);
  old.version.reset();
  publish(old);
  talk(3);
  auto& phone = join(alice, "1-0");
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_EQ(phone.frames()[0].data["reason"], "no_longer_held");
  EXPECT_THAT(join(alice, "1-1").ids(), ElementsAre("1-2", "1-3", "1-4", "1-4"));
}

// A Reset after a part of a replay would make clients count that part twice.
TEST_F(Versions, AReplayUpToAnEventWithoutAVersionEndsThere) {
  restart(3);
  post(1);
  auto old = shows({lunch, 2}, 1, 2);
  old.version.reset();
  publish(old);
  talk(3);
  auto& phone = connect(alice, "1-0");
  until([&] { return phone.closed(); });
  EXPECT_THAT(phone.ids(), ElementsAre("1-1"));
  EXPECT_THAT(join(alice, "1-1").names(), ElementsAre("Reset", "CaughtUp"));
}

}  // namespace
}  // namespace fechatter::notify::test
