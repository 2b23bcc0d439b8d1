#include "notify_server/presence/presence.hpp"

#include <gmock/gmock.h>

namespace fechatter::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Entry = PresenceMessage::Entry;
using Kind = PresenceMessage::Kind;

constexpr WorkspaceId acme{1};
constexpr WorkspaceId other_workspace{2};
constexpr PresenceUser alice{UserId{11}, acme};
constexpr PresenceUser bob{UserId{12}, acme};
constexpr PresenceUser mallory{UserId{13}, other_workspace};
constexpr std::uint64_t there = 2;
constexpr std::uint64_t elsewhere = 3;

// The presence of instance 1, on a clock that the test advances; the start-up is over.
class PresenceTest : public testing::Test {
 public:
  PresenceTest() {
    SteadyClock::simulate(&now);
    presence.emplace(1, settings);
    presence->on_connected();
    pass(settings.grace);
    presence->outgoing();
  }
  ~PresenceTest() override { SteadyClock::simulate(nullptr); }
  PresenceTest(const PresenceTest&) = delete;
  PresenceTest& operator=(const PresenceTest&) = delete;

 protected:
  void pass(SteadyClock::duration time) { now += time; }
  static std::vector<PresenceMessage::Entry> entries(const std::vector<PresenceUser>& users,
                                                     PresenceStatus status) {
    std::vector<PresenceMessage::Entry> entries;
    for (const auto& user : users) entries.push_back({user, status});
    return entries;
  }
  void delta(std::uint64_t instance, const std::vector<PresenceUser>& online,
             const std::vector<PresenceUser>& offline = {}) {
    auto users = entries(online, PresenceStatus::online);
    for (const auto& entry : entries(offline, PresenceStatus::offline)) users.push_back(entry);
    presence->receive({instance, Kind::delta, 0, 1, std::move(users)});
  }
  void digest(std::uint64_t instance, const std::vector<PresenceUser>& online, std::size_t part = 0,
              std::size_t parts = 1) {
    presence->receive(
        {instance, Kind::digest, part, parts, entries(online, PresenceStatus::online)});
  }
  std::vector<UserId> online() const { return presence->online_of(acme); }
  // The changes a second later, as `11 online`.
  std::vector<std::string> changes() {
    pass(1s);
    std::vector<std::string> texts;
    for (const auto& change : presence->changes()) {
      texts.push_back(std::to_string(change.user.user_id.value) + " " +
                      std::string{to_text(change.status)});
    }
    return texts;
  }

  SteadyClock::time_point now = std::chrono::steady_clock::now();
  PresenceSettings settings{.digest = 30s, .grace = 10s, .instances_max = 2, .remote_max = 3};
  std::optional<Presence> presence;
};

TEST_F(PresenceTest, AUserOnAnyInstanceIsOnline) {
  presence->add_local(alice);
  delta(there, {bob, mallory});
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  EXPECT_THAT(presence->online_of(other_workspace), ElementsAre(mallory.user_id));
}

TEST_F(PresenceTest, AUserWhoLeavesOneOfTwoInstancesIsStillOnline) {
  presence->add_local(alice);
  delta(there, {alice});
  presence->remove_local(alice);
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  delta(there, {}, {alice});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, AnInstanceIgnoresItsOwnMessages) {
  delta(1, {alice});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, ASecondOfflineHasNoEffect) {
  delta(there, {alice});
  delta(elsewhere, {alice});
  delta(there, {}, {alice});
  delta(there, {}, {alice});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, ADigestCorrectsLostDeltas) {
  delta(there, {alice});
  digest(there, {bob});
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, ADigestRemovesNoUserBeforeItsLastPart) {
  delta(there, {alice});
  digest(there, {bob}, 0, 2);
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(there, {}, 1, 2);
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, ADigestWithAMissingPartRemovesNoUser) {
  delta(there, {alice});
  digest(there, {}, 0, 3);
  digest(there, {bob}, 2, 3);
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(there, {}, 1, 2);  // of a digest whose first part is missing
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
}

TEST_F(PresenceTest, ASilentInstanceIsEvicted) {
  delta(there, {alice});
  delta(elsewhere, {bob});
  pass(75s);
  presence->evict_silent();
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(elsewhere, {bob});
  pass(1s);
  presence->evict_silent();
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, SilenceCountsFromTheReconnect) {
  delta(there, {alice});
  pass(1h);
  presence->on_connected();
  presence->evict_silent();
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, AnInstanceThatEndsIsEvictedAtOnce) {
  delta(there, {alice});
  presence->receive({there, Kind::gone});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, InstancesAndTheirUsersAreLimited) {
  delta(there, {alice});
  delta(elsewhere, {alice});
  delta(4, {bob});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  delta(there, {bob, {UserId{14}, acme}});
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  presence->receive({elsewhere, Kind::gone});
  delta(there, {{UserId{14}, acme}});
  EXPECT_EQ(online().size(), 3U);
}

TEST_F(PresenceTest, ADeltaHasTheChangesSinceTheLast) {
  presence->add_local(alice);
  presence->add_local(bob);
  presence->remove_local(bob);
  const auto messages = presence->outgoing();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, Kind::delta);
  EXPECT_THAT(messages[0].users, UnorderedElementsAre(Entry{alice, PresenceStatus::online},
                                                      Entry{bob, PresenceStatus::offline}));
  EXPECT_THAT(presence->outgoing(), IsEmpty());
}

TEST_F(PresenceTest, ADigestIsDueAfterItsInterval) {
  presence->add_local(alice);
  presence->outgoing();
  pass(30s);
  EXPECT_THAT(presence->outgoing(), ElementsAre(PresenceMessage{1, Kind::digest, 0, 1, {{alice}}}));
}

TEST_F(PresenceTest, AConnectedInstanceSendsItsDigestAndRequestsTheOthers) {
  presence->on_connected();
  EXPECT_THAT(presence->outgoing(),
              ElementsAre(PresenceMessage{1, Kind::digest}, PresenceMessage{1, Kind::request}));
}

TEST_F(PresenceTest, SeveralRequestsGetOneDigest) {
  pass(1s);
  presence->receive({there, Kind::request});
  EXPECT_EQ(presence->outgoing().size(), 1U);
  presence->receive({elsewhere, Kind::request});
  presence->receive({there, Kind::request});
  EXPECT_THAT(presence->outgoing(), IsEmpty());
  pass(1s);
  EXPECT_EQ(presence->outgoing().size(), 1U);
}

TEST_F(PresenceTest, ManyUsersAreSentInParts) {
  for (std::int64_t id = 1; id <= 2001; ++id) presence->add_local({UserId{id}, acme});
  const auto deltas = presence->outgoing();
  ASSERT_EQ(deltas.size(), 3U);
  pass(30s);
  const auto digests = presence->outgoing();
  ASSERT_EQ(digests.size(), 3U);
  EXPECT_EQ(digests[2].part, 2U);
  EXPECT_EQ(digests[2].parts, 3U);
  EXPECT_EQ(digests[2].users.size(), 1U);
}

TEST_F(PresenceTest, OnlineIsReportedAtOnceAndOfflineAfterTheGrace) {
  presence->add_local(alice);
  delta(there, {bob});
  EXPECT_THAT(changes(), ElementsAre("11 online", "12 online"));
  presence->remove_local(alice);
  pass(8s);
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre("11 offline"));
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, AUserWhoReconnectsWithinTheGraceWasNotOffline) {
  presence->add_local(alice);
  changes();
  presence->remove_local(alice);
  pass(5s);
  delta(there, {alice});
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, TheGraceRestartsWithEachDisconnect) {
  presence->add_local(alice);
  changes();
  for (int i = 0; i < 3; ++i) {
    presence->remove_local(alice);
    pass(6s);
    EXPECT_THAT(changes(), IsEmpty());
    if (i < 2) presence->add_local(alice);
  }
  pass(3s);
  EXPECT_THAT(changes(), ElementsAre("11 offline"));
}

TEST_F(PresenceTest, AMoveToAnotherInstanceIsNotReported) {
  delta(there, {alice});
  changes();
  delta(elsewhere, {alice});
  presence->receive({there, Kind::gone});
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, ChangesAreBatchedForASecond) {
  presence->add_local(alice);
  EXPECT_EQ(presence->changes().size(), 1U);
  presence->add_local(bob);
  pass(500ms);
  EXPECT_THAT(presence->changes(), IsEmpty());
  pass(500ms);
  EXPECT_EQ(presence->changes().size(), 1U);
}

TEST_F(PresenceTest, UsersWhoConnectToANewInstanceAreNotReported) {
  presence.emplace(1, settings);
  presence->add_local(alice);
  pass(9s);
  presence->on_connected();  // NATS was down until now
  pass(9s);
  delta(there, {bob});
  EXPECT_THAT(changes(), IsEmpty());
  delta(there, {mallory});
  EXPECT_THAT(changes(), ElementsAre("13 online"));
}

TEST_F(PresenceTest, AnOfflineChangeHasTheTimeOfTheDisconnect) {
  presence->add_local(alice);
  changes();
  const auto left_at = now;
  presence->remove_local(alice);
  pass(30s);
  EXPECT_THAT(presence->changes(),
              ElementsAre(PresenceChange{alice, PresenceStatus::offline, left_at}));
}

TEST_F(PresenceTest, AnAwayUserIsOnline) {
  presence->receive({there, Kind::delta, 0, 1, {{alice, PresenceStatus::away}}});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  EXPECT_THAT(changes(), ElementsAre("11 online"));
  presence->receive({there, Kind::digest, 0, 1, {{alice, PresenceStatus::away}}});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, AMessageOfAnUnknownKindProvesThatItsInstanceLives) {
  delta(there, {alice});
  pass(75s);
  presence->receive({there, Kind::unknown});
  pass(1s);
  presence->evict_silent();
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, AnUnknownKindChangesNoUser) {
  presence->receive({there, Kind::unknown, 0, 1, {{alice}}});
  EXPECT_THAT(online(), IsEmpty());
}

}  // namespace
}  // namespace fechatter::notify
