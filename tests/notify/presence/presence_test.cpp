#include "notify_server/presence/presence.hpp"

#include <gmock/gmock.h>

namespace fechatter::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Kind = PresenceMessage::Kind;

constexpr WorkspaceId acme{1};
constexpr WorkspaceId other_workspace{2};
constexpr OnlineUser alice{UserId{11}, acme};
constexpr OnlineUser bob{UserId{12}, acme};
constexpr OnlineUser mallory{UserId{13}, other_workspace};
constexpr std::uint64_t there = 2;
constexpr std::uint64_t elsewhere = 3;

// What instance 1 knows, in a time that the test moves. The start is over.
class PresenceTest : public testing::Test {
 public:
  PresenceTest() {
    SteadyClock::simulate(&now);
    presence.emplace(1, settings);
    presence->connected();
    pass(settings.grace);
    presence->outgoing();
  }
  ~PresenceTest() override { SteadyClock::simulate(nullptr); }
  PresenceTest(const PresenceTest&) = delete;
  PresenceTest& operator=(const PresenceTest&) = delete;

 protected:
  void pass(SteadyClock::duration time) { now += time; }
  void delta(std::uint64_t instance, std::vector<OnlineUser> online,
             std::vector<OnlineUser> offline = {}) {
    presence->hear({instance, Kind::delta, 0, 1, std::move(online), std::move(offline)});
  }
  void digest(std::uint64_t instance, std::vector<OnlineUser> online, std::size_t part = 0,
              std::size_t parts = 1) {
    presence->hear({instance, Kind::digest, part, parts, std::move(online)});
  }
  std::vector<UserId> online() const { return presence->online_of(acme); }
  // What has been told a second later, as `11 online`.
  std::vector<std::string> told() {
    pass(1s);
    std::vector<std::string> texts;
    for (const auto& change : presence->changes()) {
      texts.push_back(std::to_string(change.who.user_id.value) +
                      (change.online ? " online" : " offline"));
    }
    return texts;
  }

  SteadyClock::time_point now = std::chrono::steady_clock::now();
  PresenceSettings settings{.digest = 30s, .grace = 10s, .instances_max = 2, .remote_max = 3};
  std::optional<Presence> presence;
};

TEST_F(PresenceTest, WhoIsOnAnyInstanceIsOnline) {
  presence->came(alice);
  delta(there, {bob, mallory});
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  EXPECT_THAT(presence->online_of(other_workspace), ElementsAre(mallory.user_id));
}

TEST_F(PresenceTest, WhoLeavesOneOfTwoInstancesIsStillOnline) {
  presence->came(alice);
  delta(there, {alice});
  presence->left(alice);
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  delta(there, {}, {alice});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, WhatAnInstanceHearsOfItselfIsIgnored) {
  delta(1, {alice});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, LeavingTwiceIsLeavingOnce) {
  delta(there, {alice});
  delta(elsewhere, {alice});
  delta(there, {}, {alice});
  delta(there, {}, {alice});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, ADigestCorrectsWhatWasLost) {
  delta(there, {alice});
  digest(there, {bob});
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, ADigestRemovesNobodyBeforeItsLastPart) {
  delta(there, {alice});
  digest(there, {bob}, 0, 2);
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(there, {}, 1, 2);
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, ADigestOfWhichAPartIsMissingRemovesNobody) {
  delta(there, {alice});
  digest(there, {}, 0, 3);
  digest(there, {bob}, 2, 3);
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(there, {}, 1, 2);  // of one whose first part is missing
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
}

TEST_F(PresenceTest, ASilentInstanceIsForgotten) {
  delta(there, {alice});
  delta(elsewhere, {bob});
  pass(75s);
  presence->forget_silent();
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(elsewhere, {bob});
  pass(1s);
  presence->forget_silent();
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, SilenceCountsFromWhenTheOthersCanBeHeard) {
  delta(there, {alice});
  pass(1h);
  presence->connected();
  presence->forget_silent();
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, AnInstanceThatEndsIsForgottenAtOnce) {
  delta(there, {alice});
  presence->hear({there, Kind::gone});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, SoManyInstancesAndSoManyOfTheirUsersAtMost) {
  delta(there, {alice});
  delta(elsewhere, {alice});
  delta(4, {bob});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  delta(there, {bob, {UserId{14}, acme}});
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  presence->hear({elsewhere, Kind::gone});
  delta(there, {{UserId{14}, acme}});
  EXPECT_EQ(online().size(), 3U);
}

TEST_F(PresenceTest, TheOthersAreToldWhatHasChanged) {
  presence->came(alice);
  presence->came(bob);
  presence->left(bob);
  EXPECT_THAT(presence->outgoing(),
              ElementsAre(PresenceMessage{1, Kind::delta, 0, 1, {alice}, {bob}}));
  EXPECT_THAT(presence->outgoing(), IsEmpty());
}

TEST_F(PresenceTest, TheOthersAreToldEverybodyFromTimeToTime) {
  presence->came(alice);
  presence->outgoing();
  pass(30s);
  EXPECT_THAT(presence->outgoing(), ElementsAre(PresenceMessage{1, Kind::digest, 0, 1, {alice}}));
}

TEST_F(PresenceTest, AnInstanceThatHearsTheOthersAsksThem) {
  presence->connected();
  EXPECT_THAT(presence->outgoing(),
              ElementsAre(PresenceMessage{1, Kind::digest}, PresenceMessage{1, Kind::ask}));
}

TEST_F(PresenceTest, ManyWhoAskGetOneAnswer) {
  pass(1s);
  presence->hear({there, Kind::ask});
  EXPECT_EQ(presence->outgoing().size(), 1U);
  presence->hear({elsewhere, Kind::ask});
  presence->hear({there, Kind::ask});
  EXPECT_THAT(presence->outgoing(), IsEmpty());
  pass(1s);
  EXPECT_EQ(presence->outgoing().size(), 1U);
}

TEST_F(PresenceTest, ManyUsersAreToldInParts) {
  for (std::int64_t id = 1; id <= 2001; ++id) presence->came({UserId{id}, acme});
  const auto deltas = presence->outgoing();
  ASSERT_EQ(deltas.size(), 3U);
  pass(30s);
  const auto digests = presence->outgoing();
  ASSERT_EQ(digests.size(), 3U);
  EXPECT_EQ(digests[2].part, 2U);
  EXPECT_EQ(digests[2].parts, 3U);
  EXPECT_EQ(digests[2].online.size(), 1U);
}

TEST_F(PresenceTest, ComingIsToldAndLeavingAfterTheGrace) {
  presence->came(alice);
  delta(there, {bob});
  EXPECT_THAT(told(), ElementsAre("11 online", "12 online"));
  presence->left(alice);
  pass(8s);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(told(), ElementsAre("11 offline"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(PresenceTest, WhoIsBackWithinTheGraceWasNotAway) {
  presence->came(alice);
  told();
  presence->left(alice);
  pass(5s);
  delta(there, {alice});
  pass(20s);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(PresenceTest, TheGraceBeginsAnewEachTime) {
  presence->came(alice);
  told();
  for (int i = 0; i < 3; ++i) {
    presence->left(alice);
    pass(6s);
    EXPECT_THAT(told(), IsEmpty());
    if (i < 2) presence->came(alice);
  }
  pass(3s);
  EXPECT_THAT(told(), ElementsAre("11 offline"));
}

TEST_F(PresenceTest, WhoMovesToAnotherInstanceIsNoNews) {
  delta(there, {alice});
  told();
  delta(elsewhere, {alice});
  presence->hear({there, Kind::gone});
  pass(20s);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(PresenceTest, ChangesAreGatheredForASecond) {
  presence->came(alice);
  EXPECT_EQ(presence->changes().size(), 1U);
  presence->came(bob);
  pass(500ms);
  EXPECT_THAT(presence->changes(), IsEmpty());
  pass(500ms);
  EXPECT_EQ(presence->changes().size(), 1U);
}

TEST_F(PresenceTest, WhoComesBackToAnInstanceThatHasJustStartedIsNoNews) {
  presence.emplace(1, settings);
  presence->came(alice);
  pass(9s);
  presence->connected();  // the others could not be heard until now
  pass(9s);
  delta(there, {bob});
  EXPECT_THAT(told(), IsEmpty());
  delta(there, {mallory});
  EXPECT_THAT(told(), ElementsAre("13 online"));
}

TEST_F(PresenceTest, ItIsSaidSinceWhenSomebodyIsAway) {
  presence->came(alice);
  told();
  const auto left_at = now;
  presence->left(alice);
  pass(30s);
  EXPECT_THAT(presence->changes(), ElementsAre(PresenceChange{alice, false, left_at}));
}

}  // namespace
}  // namespace fechatter::notify
