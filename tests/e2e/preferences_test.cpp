#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/e2e/next_name.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::IsEmpty;

class Preferences : public testing::Test {
 protected:
  Reply put(const Person& person, const std::string& target, const json& body) const {
    return system.send("PUT", target, body, person.bearer());
  }
  // The field of a refused change, which must change nothing.
  std::string refused_field(const std::string& target, const json& body) const {
    const auto before = alice.get(target).json();
    const auto reply = put(alice, target, body);
    EXPECT_EQ(reply.status, 422) << body << reply.body;
    EXPECT_EQ(alice.get(target).json(), before);
    return reply.json().at("errors").at(0).at("field");
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
  const std::string everywhere = "/api/users/preferences";
  const std::string of_chat = fmt::format("/api/chat/{}/preferences", chat);
};

TEST_F(Preferences, AnAbsentFieldStaysAsItIsAndNullRemoves) {
  EXPECT_EQ(alice.get(everywhere).json(),
            (json{{"notifications", "all"}, {"show_read", true}, {"custom_status", nullptr}}));
  put(alice, everywhere, {{"notifications", "mentions"}, {"custom_status", "at lunch"}});
  EXPECT_EQ(
      put(alice, everywhere, {{"show_read", false}}).json(),
      (json{{"notifications", "mentions"}, {"show_read", false}, {"custom_status", "at lunch"}}));
  put(alice, everywhere, {{"custom_status", nullptr}});
  EXPECT_TRUE(alice.get(everywhere).json().at("custom_status").is_null());
  EXPECT_EQ(bob.get(everywhere).json().at("show_read"), true);
}

TEST_F(Preferences, WhatIsNoPreferenceIsRefused) {
  EXPECT_EQ(refused_field(everywhere, {{"notifications", "some"}}), "notifications");
  EXPECT_EQ(refused_field(everywhere, {{"show_read", "no"}}), "show_read");
  EXPECT_EQ(refused_field(everywhere, {{"custom_status", std::string(101, 'x')}}), "custom_status");
  EXPECT_EQ(refused_field(of_chat, {{"muted_until", "tomorrow"}}), "muted_until");
  EXPECT_EQ(refused_field(of_chat, {{"muted_until", "9999-12-31T23:59:59-12:00"}}), "muted_until");
  EXPECT_EQ(refused_field(of_chat, {{"hidden", 1}}), "hidden");
}

TEST_F(Preferences, AMuteIsShownUntilItEnds) {
  const auto until = "2999-01-01T00:00:00.000000Z";
  put(alice, of_chat, {{"muted_until", until}, {"mute_mentions", true}});
  EXPECT_EQ(
      alice.get(of_chat).json(),
      (json{
          {"chat_id", chat}, {"muted_until", until}, {"mute_mentions", true}, {"hidden", false}}));
  EXPECT_EQ(alice.get("/api/chat").json().at(0).at("muted_until"), until);
  EXPECT_TRUE(bob.get("/api/chat").json().at(0).at("muted_until").is_null());
  system.database->query("UPDATE chat_members SET muted_until = now() - interval '1 second'");
  EXPECT_TRUE(alice.get("/api/chat").json().at(0).at("muted_until").is_null());
  EXPECT_TRUE(alice.get(of_chat).json().at("muted_until").is_null());
}

TEST_F(Preferences, AMuteCanBeTakenBack) {
  put(alice, of_chat, {{"muted_until", "2999-01-01T00:00:00Z"}});
  EXPECT_TRUE(put(alice, of_chat, {{"muted_until", nullptr}}).json().at("muted_until").is_null());
}

TEST_F(Preferences, AHiddenChatIsShownAgainWithItsNextMessage) {
  EXPECT_EQ(put(alice, of_chat, {{"hidden", true}}).json().at("hidden"), true);
  EXPECT_THAT(alice.get("/api/chat").json(), IsEmpty());
  EXPECT_THAT(alice.get("/api/unread-counts").json().at("data"), IsEmpty());
  bob.posts(chat, "hello");
  EXPECT_EQ(alice.get("/api/chat").json().size(), 1U);
  EXPECT_EQ(alice.get(of_chat).json().at("hidden"), false);
}

TEST_F(Preferences, AChangeGoesToTheOwnSessionsOnly) {
  auto own = alice.subscribes();
  auto others = bob.subscribes();
  put(alice, everywhere, {{"notifications", "none"}});
  const auto first = own.next("PreferencesUpdated");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->data.at("notifications"), "none");
  EXPECT_FALSE(first->data.contains("chat_id"));
  put(alice, of_chat, {{"mute_mentions", true}});
  const auto second = own.next("PreferencesUpdated");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->data.at("chat_id"), chat);
  EXPECT_EQ(second->data.at("mute_mentions"), true);
  alice.posts(chat, "the end");
  EXPECT_EQ(next_name(others), "NewMessage");
}

TEST_F(Preferences, AChangeToTheSameWritesNoEvent) {
  const auto before = system.database->number("SELECT count(*) FROM outbox");
  put(alice, everywhere, {{"notifications", "all"}, {"show_read", true}});
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox"), before);
}

}  // namespace
}  // namespace fechatter::test
