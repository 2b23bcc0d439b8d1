#include "tests/notify/shard_fixture.hpp"

// What a new epoch, which tells again what was lost, means for those who listen.
namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class NewEpoch : public ShardTest {
 protected:
  NewEpoch() { fill(); }

  void happens_again(int id) {
    ++head.stream_seq;
    shard->deliver(
        {{Arrival::Kind::repeat, head, make_event(in_chat(lunch, id), head), retells_until}});
  }
  // 1-1 to 1-3, and of the second epoch what was told before; the third of it is still to come.
  void begin_to_tell_again() {
    for (int id = 1; id <= 3; ++id) happens(in_chat(lunch, id));
    head = {2, 0};
    retells_until = EventId{3};
    happens_again(1);
    happens_again(2);
    until([&] { return shard->log().position() == head; });
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

TEST_F(NewEpoch, UntilAllIsToldAgainHeartbeatsKeepThePositionBeforeIt) {
  settings.heartbeat = settings.tick;
  restart_shard();
  fill();
  auto& phone = join(alice);
  begin_to_tell_again();
  const auto before = phone.seen().size();
  until_seen(phone, before + 2);
  EXPECT_EQ(phone.ids().back(), "1-3");
}

TEST_F(NewEpoch, WhatIsNewMeanwhileCarriesThePositionBeforeIt) {
  auto& phone = join(alice);
  for (int id = 1; id <= 2; ++id) happens(in_chat(lunch, id));
  head = {2, 0};
  retells_until = EventId{9};
  happens_again(1);
  happens(in_chat(lunch, 3));  // lost before it came here
  until_seen(phone, 4);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-2", "1-2"));
  EXPECT_EQ(phone.seen()[3].data["event_id"], 3);
}

TEST_F(NewEpoch, WhoeverComesMeanwhileIsGivenThePositionBeforeIt) {
  join(bob);
  begin_to_tell_again();
  auto& phone = join(alice);
  auto& back = join(alice, "1-3");
  EXPECT_THAT(phone.ids(), ElementsAre("1-3"));
  EXPECT_THAT(back.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(back.ids(), ElementsAre("1-3", "1-3"));
  happens_again(3);
  until_seen(phone, 2);
  EXPECT_EQ(phone.ids().back(), "2-3");
  EXPECT_THAT(join(alice, phone.ids().back()).names(), ElementsAre("CaughtUp"));
}

TEST_F(NewEpoch, AnEpochThatTellsNothingAgainGivesItsPositionsAtOnce) {
  auto& phone = join(alice);
  happens(in_chat(lunch, 1));
  head = {2, 0};
  happens(in_chat(lunch, 2));
  until_seen(phone, 3);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "2-1"));
}

TEST_F(NewEpoch, AnInstanceThatStartsInTheMidstOfItKnows) {
  restart_shard();
  head = {2, 5};
  retells_until = EventId{9};
  happens(in_chat(lunch, 7));
  fill({2, 6});
  EXPECT_THAT(join(alice).ids(), ElementsAre("0-0"));
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
