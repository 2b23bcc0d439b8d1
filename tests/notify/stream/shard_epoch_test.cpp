#include "tests/notify/stream/shard_fixture.hpp"

// What a new epoch, which tells again what was lost, means for those who listen.
namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class NewEpoch : public ShardTest {
 protected:
  NewEpoch() { warm_up(); }

  void happens_again(int id) {
    ++head.stream_seq;
    shard->deliver({{StreamUpdate::Kind::republished, head, make_event(in_chat(lunch, id), head),
                     republish_through}});
  }
  // The same for an instance that had not seen it yet, and where it was told by others.
  void happens_late(int id, Position first_position) {
    ++head.stream_seq;
    shard->deliver({{StreamUpdate::Kind::event, head,
                     make_event(in_chat(lunch, id), head, first_position), republish_through}});
  }
  // 1-1 is all that is known here when the second epoch tells again 1-1 to 1-3.
  void lag_behind_into_the_next_epoch() {
    head = {2, 0};
    republish_through = EventId{3};
    happens_again(1);
    happens_late(2, {1, 2});
    until([&] { return shard->ring().position() == head; });
  }
  // 1-1 to 1-3, and of the second epoch what was told before; the third of it is still to come.
  void begin_to_tell_again() {
    for (int id = 1; id <= 3; ++id) happens(in_chat(lunch, id));
    head = {2, 0};
    republish_through = EventId{3};
    happens_again(1);
    happens_again(2);
    until([&] { return shard->ring().position() == head; });
  }
};

TEST_F(NewEpoch, WhoeverIsLiveHearsNothingTwiceAndIsGivenTheNewPosition) {
  auto& phone = join(alice);
  begin_to_tell_again();
  happens_again(3);
  until_seen(phone, 5);
  happens(in_chat(lunch, 4));
  until_seen(phone, 6);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-2", "1-3", "2-3", "2-4"));
  EXPECT_EQ(phone.names()[4], "heartbeat");
}

TEST_F(NewEpoch, UntilAllIsToldAgainHeartbeatsSayThatNobodyCanResume) {
  settings.heartbeat = settings.tick;
  restart_shard();
  warm_up();
  auto& phone = join(alice);
  begin_to_tell_again();
  const auto before = phone.seen().size();
  until_seen(phone, before + 2);
  EXPECT_EQ(phone.ids().back(), "2-0");
}

TEST_F(NewEpoch, WhatIsNewMeanwhileSaysThatNobodyCanResume) {
  auto& phone = join(alice);
  for (int id = 1; id <= 2; ++id) happens(in_chat(lunch, id));
  head = {2, 0};
  republish_through = EventId{9};
  happens_again(1);
  happens(in_chat(lunch, 3));  // lost before it came here
  until_seen(phone, 4);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-2", "2-0"));
  EXPECT_EQ(phone.seen()[3].data["event_id"], 3);
}

// Told here as new, though the instance where they come next still has it to come from before.
TEST_F(NewEpoch, WhoeverComesFromItsMidstToAnInstanceThatIsBehindWaitsForItAndIsReset) {
  for (int id = 1; id <= 3; ++id) happens(in_chat(lunch, id));
  auto& phone = connect(alice, "2-0");
  until([&] { return !phone.head().empty(); });
  deliver(StreamUpdate::Kind::empty, {2, 4});
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("2-4", "2-4"));
}

// What is told as new while an epoch tells again has been heard there, and is still to come here.
TEST_F(NewEpoch, WhoeverComesFromItsMidstIntoItsMidstIsResetWhenItIsOver) {
  begin_to_tell_again();
  auto& phone = connect(alice, "2-0");
  until([&] { return !phone.head().empty(); });
  happens_late(3, {});
  happens(in_chat(lunch, 4));
  until_seen(phone, 2);
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("2-4", "2-4"));
}

TEST_F(NewEpoch, TheFirstEpochTellsNothingAgain) {
  restart_shard();
  warm_up({0, 0});
  auto& phone = join(alice);
  head = {1, 0};
  republish_through = EventId{2};
  happens(in_chat(lunch, 1));
  happens(in_chat(lunch, 2));
  until_seen(phone, 3);
  EXPECT_THAT(phone.ids(), ElementsAre("0-0", "1-1", "1-2"));
}

TEST_F(NewEpoch, WhoeverComesMeanwhileIsToldThatNobodyCanResume) {
  join(bob);
  begin_to_tell_again();
  auto& phone = join(alice);
  auto& back = join(alice, "1-3");
  EXPECT_THAT(phone.ids(), ElementsAre("2-0"));
  EXPECT_THAT(back.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(back.ids(), ElementsAre("2-0", "2-0"));
  happens_again(3);
  until_seen(phone, 2);
  EXPECT_EQ(phone.ids().back(), "2-3");
  EXPECT_THAT(join(alice, phone.ids().back()).names(), ElementsAre("CaughtUp"));
}

TEST_F(NewEpoch, WhatAnotherInstanceHasToldIsNotForWhoeverComesAfterIt) {
  auto& here = join(bob);
  happens(in_chat(lunch, 1));
  until_seen(here, 2);
  lag_behind_into_the_next_epoch();
  auto& back = join(alice, "1-3");
  happens_late(3, {1, 3});
  happens(in_chat(lunch, 4));
  until([&] { return back.ids().back() == "2-4" && here.ids().back() == "2-4"; });
  EXPECT_THAT(back.names(), ElementsAre("Reset", "CaughtUp", "heartbeat", "NewMessage"));
  EXPECT_THAT(here.names(), ElementsAre("CaughtUp", "NewMessage", "NewMessage", "NewMessage",
                                        "heartbeat", "NewMessage"));
}

TEST_F(NewEpoch, ALossInTheMidstOfItGivesNobodyAPositionOfItYet) {
  auto& phone = join(alice);
  happens(in_chat(lunch, 1));
  until_seen(phone, 2);
  lag_behind_into_the_next_epoch();
  head.stream_seq = 9;
  shard->deliver({{StreamUpdate::Kind::lost, head, nullptr, republish_through}});
  until([&] { return phone.has("Reset"); });
  EXPECT_EQ(phone.ids().back(), "2-0");
}

TEST_F(NewEpoch, WhoeverWasAheadOfTheLostStreamIsResetByIt) {
  auto& phone = connect(alice, "1-3");
  until([&] { return !phone.head().empty(); });
  deliver(StreamUpdate::Kind::at_head, head);
  until([&] { return phone.has("CaughtUp"); });
  lag_behind_into_the_next_epoch();
  happens_late(3, {1, 3});
  until([&] { return phone.names().back() == "heartbeat"; });
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp", "Reset", "heartbeat"));
}

TEST_F(NewEpoch, AnInstanceThatStartsInTheMidstOfItKnows) {
  restart_shard();
  head = {2, 5};
  republish_through = EventId{9};
  happens(in_chat(lunch, 7));
  warm_up({2, 6});
  EXPECT_THAT(join(alice).ids(), ElementsAre("2-0"));
  happens(in_chat(lunch, 9));
  EXPECT_THAT(join(alice).ids(), ElementsAre("2-7"));
}

TEST_F(NewEpoch, WhoeverTheDatabaseDoesNotKnowAsAMemberHearsNoMore) {
  auto& phone = join(alice);
  database.rows.clear();
  begin_to_tell_again();
  until([&] { return database.asked.size() == 2; });
  happens_again(3);
  happens(in_chat(lunch, 4));
  happens(to_users({alice}, 5));
  until([&] { return phone.has("UserUpdated"); });
  const auto names = phone.names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "NewMessage"), 3);
}

TEST_F(NewEpoch, WhoeverIsReadAgainGoesOnHearing) {
  auto& phone = join(alice);
  database.held = true;
  begin_to_tell_again();
  until([&] { return database.asked.size() == 2; });
  happens(joins(alice, secret, 4));
  happens(in_chat(secret, 5));
  until([&] { return phone.ids().back() == "2-4"; });
  database.held = false;
  happens(in_chat(secret, 6));
  happens(in_chat(lunch, 7));
  until([&] { return phone.ids().back() == "2-6"; });
  EXPECT_EQ(phone.seen().size(), 9U);
}

}  // namespace
}  // namespace fechatter::notify::test
