#include "tests/notify/stream/shard_fixture.hpp"

// A new epoch, which republishes earlier events, as its connections see it.
namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class NewEpoch : public ShardTest {
 protected:
  NewEpoch() { warm_up(); }

  void republish(int id) {
    ++head.stream_seq;
    shard->deliver({{StreamUpdate::Kind::republished, head, make_event(in_chat(lunch, id), head),
                     republish_through}});
  }
  // The same for an instance that had not read it yet; other instances delivered it at
  // `first_position`.
  void publish_late(int id, Position first_position) {
    ++head.stream_seq;
    shard->deliver({{StreamUpdate::Kind::event, head,
                     make_event(in_chat(lunch, id), head, first_position), republish_through}});
  }
  // This instance has read 1-1 only when the second epoch republishes 1-1 to 1-3.
  void lag_into_the_next_epoch() {
    head = {2, 0};
    republish_through = EventId{3};
    republish(1);
    publish_late(2, {1, 2});
    until([&] { return shard->position() == head; });
  }
  // 1-1 to 1-3, and two of the three events that the second epoch republishes.
  void begin_republishing() {
    for (int id = 1; id <= 3; ++id) publish(in_chat(lunch, id));
    head = {2, 0};
    republish_through = EventId{3};
    republish(1);
    republish(2);
    until([&] { return shard->position() == head; });
  }
};

TEST_F(NewEpoch, ALiveConnectionReceivesEachEventOnceAndThenTheNewPosition) {
  auto& phone = join(alice);
  begin_republishing();
  republish(3);
  until_received(phone, 5);
  publish(in_chat(lunch, 4));
  until_received(phone, 6);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-2", "1-3", "2-3", "2-4"));
  EXPECT_EQ(phone.names()[4], "heartbeat");
}

TEST_F(NewEpoch, DuringARepublishHeartbeatsCarryTheNonResumableId) {
  settings.heartbeat = settings.tick;
  restart_shard();
  warm_up();
  auto& phone = join(alice);
  begin_republishing();
  const auto before = phone.frames().size();
  until_received(phone, before + 2);
  EXPECT_EQ(phone.ids().back(), "2-0");
}

TEST_F(NewEpoch, DuringARepublishNewEventsCarryTheNonResumableId) {
  auto& phone = join(alice);
  for (int id = 1; id <= 2; ++id) publish(in_chat(lunch, id));
  head = {2, 0};
  republish_through = EventId{9};
  republish(1);
  publish(in_chat(lunch, 3));  // lost before this instance read it
  until_received(phone, 4);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-2", "2-0"));
  EXPECT_EQ(phone.frames()[3].data["event_id"], 3);
}

// The client's former instance may have delivered events that this one still has in its backlog.
TEST_F(NewEpoch, ANonResumableIdWaitsOnALaggingInstanceAndGetsAReset) {
  for (int id = 1; id <= 3; ++id) publish(in_chat(lunch, id));
  auto& phone = connect(alice, "2-0");
  until([&] { return !phone.head().empty(); });
  deliver(StreamUpdate::Kind::empty, {2, 4});
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("2-4", "2-4"));
}

// Another instance delivered, during the republish, new events that this one has yet to read.
TEST_F(NewEpoch, ANonResumableIdDuringTheRepublishGetsAResetWhenItIsOver) {
  begin_republishing();
  auto& phone = connect(alice, "2-0");
  until([&] { return !phone.head().empty(); });
  publish_late(3, {});
  publish(in_chat(lunch, 4));
  until_received(phone, 2);
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("2-4", "2-4"));
}

TEST_F(NewEpoch, TheFirstEpochRepublishesNothing) {
  restart_shard();
  warm_up({0, 0});
  auto& phone = join(alice);
  head = {1, 0};
  republish_through = EventId{2};
  publish(in_chat(lunch, 1));
  publish(in_chat(lunch, 2));
  until_received(phone, 3);
  EXPECT_THAT(phone.ids(), ElementsAre("0-0", "1-1", "1-2"));
}

TEST_F(NewEpoch, AConnectionDuringARepublishGetsTheNonResumableId) {
  join(bob);
  begin_republishing();
  auto& phone = join(alice);
  auto& back = join(alice, "1-3");
  EXPECT_THAT(phone.ids(), ElementsAre("2-0"));
  EXPECT_THAT(back.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(back.ids(), ElementsAre("2-0", "2-0"));
  republish(3);
  until_received(phone, 2);
  EXPECT_EQ(phone.ids().back(), "2-3");
  EXPECT_THAT(join(alice, phone.ids().back()).names(), ElementsAre("CaughtUp"));
}

TEST_F(NewEpoch, AnEventFirstPublishedBeforeAConnectionWentLiveIsNotDeliveredToIt) {
  auto& here = join(bob);
  publish(in_chat(lunch, 1));
  until_received(here, 2);
  lag_into_the_next_epoch();
  auto& back = join(alice, "1-3");
  publish_late(3, {1, 3});
  publish(in_chat(lunch, 4));
  until([&] { return back.ids().back() == "2-4" && here.ids().back() == "2-4"; });
  EXPECT_THAT(back.names(), ElementsAre("Reset", "CaughtUp", "heartbeat", "NewMessage"));
  EXPECT_THAT(here.names(), ElementsAre("CaughtUp", "NewMessage", "NewMessage", "NewMessage",
                                        "heartbeat", "NewMessage"));
}

TEST_F(NewEpoch, ALossDuringARepublishHasTheNonResumableId) {
  auto& phone = join(alice);
  publish(in_chat(lunch, 1));
  until_received(phone, 2);
  lag_into_the_next_epoch();
  head.stream_seq = 9;
  shard->deliver({{StreamUpdate::Kind::lost, head, nullptr, republish_through}});
  until([&] { return phone.has("Reset"); });
  EXPECT_EQ(phone.ids().back(), "2-0");
}

TEST_F(NewEpoch, AConnectionWhoseCursorWasAheadOfTheLostStreamGetsAReset) {
  auto& phone = connect(alice, "1-3");
  until([&] { return !phone.head().empty(); });
  deliver(StreamUpdate::Kind::at_head, head);
  until([&] { return phone.has("CaughtUp"); });
  lag_into_the_next_epoch();
  publish_late(3, {1, 3});
  until([&] { return phone.names().back() == "heartbeat"; });
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp", "Reset", "heartbeat"));
}

TEST_F(NewEpoch, AnInstanceThatStartsDuringARepublishUsesTheNonResumableId) {
  restart_shard();
  head = {2, 5};
  republish_through = EventId{9};
  publish(in_chat(lunch, 7));
  warm_up({2, 6});
  EXPECT_THAT(join(alice).ids(), ElementsAre("2-0"));
  publish(in_chat(lunch, 9));
  EXPECT_THAT(join(alice).ids(), ElementsAre("2-7"));
}

TEST_F(NewEpoch, AUserWhoIsNoMemberInTheDatabaseReceivesNoFurtherEvent) {
  auto& phone = join(alice);
  database.rows.clear();
  begin_republishing();
  until([&] { return database.reads.size() == 2; });
  republish(3);
  publish(in_chat(lunch, 4));
  publish(to_users({alice}, 5));
  until([&] { return phone.has("UserUpdated"); });
  const auto names = phone.names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "NewMessage"), 3);
}

TEST_F(NewEpoch, AUserWhoseMembershipsAreReadAgainStillReceivesEvents) {
  auto& phone = join(alice);
  database.held = true;
  begin_republishing();
  until([&] { return database.reads.size() == 2; });
  publish(joins(alice, secret, 4));
  publish(in_chat(secret, 5));
  until([&] { return phone.ids().back() == "2-4"; });
  database.held = false;
  publish(in_chat(secret, 6));
  publish(in_chat(lunch, 7));
  until([&] { return phone.ids().back() == "2-6"; });
  EXPECT_EQ(phone.frames().size(), 9U);
}

}  // namespace
}  // namespace fechatter::notify::test
