#include "notify_server/membership/membership.hpp"

#include <gmock/gmock.h>

#include "tests/notify/events.hpp"

namespace fechatter::notify {
namespace {

using namespace std::chrono_literals;
using test::acme;
using test::alice;
using test::bob;
using test::lunch;
using test::secret;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class MembershipTest : public testing::Test {
 protected:
  User& known(UserId id, std::vector<ChatSeat> chats) {
    User& user = membership.enter(id, acme);
    membership.begin_reading(user);
    membership.finish_reading(user, std::move(chats));
    return user;
  }

  Membership membership;
};

TEST_F(MembershipTest, WhatTheDatabaseSaidIsKnown) {
  User& user = known(alice, {{secret, EventId{5}}, {lunch, EventId{3}}});
  EXPECT_TRUE(user.is_member(lunch));
  EXPECT_TRUE(user.is_member(secret));
  EXPECT_FALSE(user.is_member(ChatId{999}));
  EXPECT_THAT(membership.members(lunch), UnorderedElementsAre(&user));
}

TEST_F(MembershipTest, AnAddedUserIsAMember) {
  User& user = known(alice, {});
  membership.add(lunch, {alice, bob}, EventId{7});
  EXPECT_TRUE(user.is_member(lunch));
  EXPECT_THAT(membership.members(lunch), UnorderedElementsAre(&user));
}

TEST_F(MembershipTest, ARemovedUserIsNoMember) {
  User& user = known(alice, {{lunch, EventId{3}}});
  membership.remove(lunch, {alice}, EventId{7});
  EXPECT_FALSE(user.is_member(lunch));
  EXPECT_THAT(membership.members(lunch), IsEmpty());
}

TEST_F(MembershipTest, AnEventThatTheReadHasSeenChangesNothing) {
  User& user = known(alice, {{lunch, EventId{9}}});
  membership.remove(lunch, {alice}, EventId{8});
  membership.remove(lunch, {alice}, EventId{9});
  EXPECT_TRUE(user.is_member(lunch));
}

TEST_F(MembershipTest, AnEventDuringTheReadIsAppliedAfterIt) {
  User& user = membership.enter(alice, acme);
  membership.begin_reading(user);
  membership.remove(lunch, {alice}, EventId{10});
  membership.add(secret, {alice}, EventId{11});
  membership.finish_reading(user, {{lunch, EventId{9}}});
  EXPECT_FALSE(user.is_member(lunch));
  EXPECT_TRUE(user.is_member(secret));
}

TEST_F(MembershipTest, AnEventDuringTheReadThatTheReadHasSeenIsIgnored) {
  User& user = membership.enter(alice, acme);
  membership.begin_reading(user);
  membership.remove(lunch, {alice}, EventId{8});
  membership.finish_reading(user, {{lunch, EventId{9}}});
  EXPECT_TRUE(user.is_member(lunch));
}

TEST_F(MembershipTest, AddedAndRemovedDuringTheReadIsRemoved) {
  User& user = membership.enter(alice, acme);
  membership.begin_reading(user);
  membership.add(lunch, {alice}, EventId{8});
  membership.remove(lunch, {alice}, EventId{9});
  membership.finish_reading(user, {});
  EXPECT_FALSE(user.is_member(lunch));
}

TEST_F(MembershipTest, AChatThatEndsDuringTheReadHasNoMember) {
  User& user = membership.enter(alice, acme);
  membership.begin_reading(user);
  membership.remove_chat(lunch, EventId{10});
  membership.finish_reading(user, {{lunch, EventId{9}}});
  EXPECT_FALSE(user.is_member(lunch));
}

TEST_F(MembershipTest, AChatThatEndsLosesAllItsMembers) {
  known(alice, {{lunch, EventId{3}}});
  known(bob, {{lunch, EventId{3}}, {secret, EventId{4}}});
  membership.remove_chat(lunch, EventId{7});
  EXPECT_THAT(membership.members(lunch), IsEmpty());
  EXPECT_TRUE(membership.find(bob)->is_member(secret));
}

TEST_F(MembershipTest, WhoeverIsAloneTooLongIsForgotten) {
  User& user = known(alice, {{lunch, EventId{3}}});
  const SteadyTime left{100s};
  membership.left_alone(user, left);
  membership.forget_alone(left - 1s, 10);
  EXPECT_NE(membership.find(alice), nullptr);
  membership.forget_alone(left, 10);
  EXPECT_EQ(membership.find(alice), nullptr);
  EXPECT_THAT(membership.members(lunch), IsEmpty());
  EXPECT_THAT(membership.of_workspace(acme), IsEmpty());
}

TEST_F(MembershipTest, WhoeverIsBeingReadIsNotForgotten) {
  User& user = membership.enter(alice, acme);
  membership.begin_reading(user);
  membership.left_alone(user, SteadyTime{100s});
  membership.forget_alone(SteadyTime{200s}, 10);
  EXPECT_NE(membership.find(alice), nullptr);
  membership.finish_reading(user, {});
  membership.forget_alone(SteadyTime{200s}, 10);
  EXPECT_EQ(membership.find(alice), nullptr);
}

TEST_F(MembershipTest, WhoeverCameBackIsNotForgotten) {
  User& user = known(alice, {});
  membership.left_alone(user, SteadyTime{100s});
  // Only its number counts: nothing here looks into a connection.
  user.connections.push_back(nullptr);
  membership.forget_alone(SteadyTime{200s}, 10);
  EXPECT_NE(membership.find(alice), nullptr);
}

TEST_F(MembershipTest, WhoeverLeftAgainStaysUntilTheLaterTime) {
  User& user = known(alice, {});
  membership.left_alone(user, SteadyTime{100s});
  membership.left_alone(user, SteadyTime{150s});
  membership.forget_alone(SteadyTime{120s}, 10);
  EXPECT_NE(membership.find(alice), nullptr);
  membership.forget_alone(SteadyTime{150s}, 10);
  EXPECT_EQ(membership.find(alice), nullptr);
}

}  // namespace
}  // namespace fechatter::notify
