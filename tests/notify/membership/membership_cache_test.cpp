#include "notify_server/membership/membership_cache.hpp"

#include <gmock/gmock.h>

#include "tests/notify/events.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class MembershipCacheTest : public testing::Test {
 protected:
  CachedUser& known(UserId id, std::vector<ChatMembership> chats) {
    CachedUser& user = membership.find_or_add(id, acme);
    membership.begin_read(user);
    membership.finish_read(user, std::move(chats));
    return user;
  }

  MembershipCache membership;
};

TEST_F(MembershipCacheTest, TheRowsOfTheDatabaseAreKnown) {
  CachedUser& user = known(alice, {{secret, EventId{5}}, {lunch, EventId{3}}});
  EXPECT_TRUE(user.is_member(lunch));
  EXPECT_TRUE(user.is_member(secret));
  EXPECT_FALSE(user.is_member(ChatId{999}));
  EXPECT_THAT(membership.members(lunch), UnorderedElementsAre(&user));
}

TEST_F(MembershipCacheTest, AnAddedUserIsAMember) {
  CachedUser& user = known(alice, {});
  membership.add(lunch, {alice, bob}, EventId{7});
  EXPECT_TRUE(user.is_member(lunch));
  EXPECT_THAT(membership.members(lunch), UnorderedElementsAre(&user));
}

TEST_F(MembershipCacheTest, ARemovedUserIsNotAMember) {
  CachedUser& user = known(alice, {{lunch, EventId{3}}});
  membership.remove(lunch, {alice}, EventId{7});
  EXPECT_FALSE(user.is_member(lunch));
  EXPECT_THAT(membership.members(lunch), IsEmpty());
}

TEST_F(MembershipCacheTest, AnEventThatTheReadCoversHasNoEffect) {
  CachedUser& user = known(alice, {{lunch, EventId{9}}});
  membership.remove(lunch, {alice}, EventId{8});
  membership.remove(lunch, {alice}, EventId{9});
  EXPECT_TRUE(user.is_member(lunch));
}

TEST_F(MembershipCacheTest, AnEventDuringTheReadIsAppliedAfterIt) {
  CachedUser& user = membership.find_or_add(alice, acme);
  membership.begin_read(user);
  membership.remove(lunch, {alice}, EventId{10});
  membership.add(secret, {alice}, EventId{11});
  membership.finish_read(user, {{lunch, EventId{9}}});
  EXPECT_FALSE(user.is_member(lunch));
  EXPECT_TRUE(user.is_member(secret));
}

TEST_F(MembershipCacheTest, AnEventDuringTheReadThatTheReadCoversHasNoEffect) {
  CachedUser& user = membership.find_or_add(alice, acme);
  membership.begin_read(user);
  membership.remove(lunch, {alice}, EventId{8});
  membership.finish_read(user, {{lunch, EventId{9}}});
  EXPECT_TRUE(user.is_member(lunch));
}

TEST_F(MembershipCacheTest, AUserAddedAndRemovedDuringTheReadIsNotAMember) {
  CachedUser& user = membership.find_or_add(alice, acme);
  membership.begin_read(user);
  membership.add(lunch, {alice}, EventId{8});
  membership.remove(lunch, {alice}, EventId{9});
  membership.finish_read(user, {});
  EXPECT_FALSE(user.is_member(lunch));
}

TEST_F(MembershipCacheTest, AChatDeletedDuringTheReadHasNoMembers) {
  CachedUser& user = membership.find_or_add(alice, acme);
  membership.begin_read(user);
  membership.end_chat(lunch, EventId{10});
  membership.finish_read(user, {{lunch, EventId{9}}});
  EXPECT_FALSE(user.is_member(lunch));
  EXPECT_TRUE(user.is_or_was_member(lunch));
}

TEST_F(MembershipCacheTest, AChatThatTheReadFindsDeletedHasFormerMembersOnly) {
  CachedUser& user = known(alice, {{lunch, EventId{9}, true}});
  EXPECT_FALSE(user.is_member(lunch));
  EXPECT_THAT(membership.members(lunch), IsEmpty());
  EXPECT_THAT(membership.former_members(lunch), UnorderedElementsAre(&user));
  membership.end_chat(lunch, EventId{9});  // the event, which the read includes
  EXPECT_THAT(membership.former_members(lunch), UnorderedElementsAre(&user));
}

TEST_F(MembershipCacheTest, ARestoredChatHasTheMembersOfItsDeletion) {
  CachedUser& user = known(alice, {{lunch, EventId{3}}});
  known(bob, {{lunch, EventId{3}}});
  membership.remove(lunch, {bob}, EventId{6});
  membership.end_chat(lunch, EventId{7});
  membership.restore_chat(lunch, EventId{8});
  EXPECT_THAT(membership.members(lunch), UnorderedElementsAre(&user));
  EXPECT_THAT(membership.former_members(lunch), IsEmpty());
  EXPECT_TRUE(user.is_member(lunch));
}

TEST_F(MembershipCacheTest, AnEvictedFormerMemberIsNoLongerListed) {
  CachedUser& user = known(alice, {{lunch, EventId{3}}});
  membership.end_chat(lunch, EventId{7});
  membership.mark_idle(user, SteadyTime{100s});
  membership.evict_idle(SteadyTime{100s}, 10);
  EXPECT_THAT(membership.former_members(lunch), IsEmpty());
}

TEST_F(MembershipCacheTest, ADeletedChatHasNoMembers) {
  known(alice, {{lunch, EventId{3}}});
  known(bob, {{lunch, EventId{3}}, {secret, EventId{4}}});
  membership.end_chat(lunch, EventId{7});
  EXPECT_THAT(membership.members(lunch), IsEmpty());
  EXPECT_FALSE(membership.find(alice)->is_member(lunch));
  EXPECT_TRUE(membership.find(bob)->is_member(secret));
}

TEST_F(MembershipCacheTest, AUserWhoIsIdleTooLongIsEvicted) {
  CachedUser& user = known(alice, {{lunch, EventId{3}}});
  const SteadyTime left{100s};
  membership.mark_idle(user, left);
  membership.evict_idle(left - 1s, 10);
  EXPECT_NE(membership.find(alice), nullptr);
  membership.evict_idle(left, 10);
  EXPECT_EQ(membership.find(alice), nullptr);
  EXPECT_THAT(membership.members(lunch), IsEmpty());
  EXPECT_THAT(membership.of_workspace(acme), IsEmpty());
}

TEST_F(MembershipCacheTest, AUserWhoIsBeingReadIsNotEvicted) {
  CachedUser& user = membership.find_or_add(alice, acme);
  membership.begin_read(user);
  membership.mark_idle(user, SteadyTime{100s});
  membership.evict_idle(SteadyTime{200s}, 10);
  EXPECT_NE(membership.find(alice), nullptr);
  membership.finish_read(user, {});
  membership.evict_idle(SteadyTime{200s}, 10);
  EXPECT_EQ(membership.find(alice), nullptr);
}

TEST_F(MembershipCacheTest, AUserWhoReconnectsIsNotEvicted) {
  CachedUser& user = known(alice, {});
  membership.mark_idle(user, SteadyTime{100s});
  // The cache needs the number of connections only.
  user.connections.push_back(nullptr);
  membership.evict_idle(SteadyTime{200s}, 10);
  EXPECT_NE(membership.find(alice), nullptr);
}

TEST_F(MembershipCacheTest, AUserWhoIsIdleAgainStaysUntilTheLaterTime) {
  CachedUser& user = known(alice, {});
  membership.mark_idle(user, SteadyTime{100s});
  membership.mark_idle(user, SteadyTime{150s});
  membership.evict_idle(SteadyTime{120s}, 10);
  EXPECT_NE(membership.find(alice), nullptr);
  membership.evict_idle(SteadyTime{150s}, 10);
  EXPECT_EQ(membership.find(alice), nullptr);
}

}  // namespace
}  // namespace fechatter::notify::test
