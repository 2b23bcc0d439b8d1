#include "notify_server/presence/presence_event.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// One person with two streams in a chat with bob, and what passes.
class Passing : public ShardTest {
 protected:
  Passing() { warm_up(); }

  // Of somebody who sits in that chat.
  void comes(UserId who, ChatId chat, WorkspaceId workspace = acme) {
    const PresenceChange change{{who, workspace}, true, SteadyClock::now()};
    shard->fan_out_ephemeral(make_presence_events({change}, {{who, chat, EventId{1}}}));
  }
};

TEST_F(Passing, ThoseOfTheChatAreToldWithoutAPosition) {
  auto& phone = join(alice);
  comes(bob, lunch);
  until_seen(phone, 2);
  EXPECT_EQ(phone.seen()[1].event, "UserPresence");
  EXPECT_EQ(phone.seen()[1].id, "");
  EXPECT_EQ(phone.seen()[1].data["user_id"], bob.value);
}

TEST_F(Passing, NobodyElseIsTold) {
  auto& outsider = join(mallory);
  auto& phone = join(alice);
  comes(alice, lunch);  // herself
  comes(bob, secret);
  comes(bob, lunch, other_workspace);
  happens(to_users({alice, mallory}, 5));
  until_seen(phone, 2);
  until_seen(outsider, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated"));
  EXPECT_THAT(outsider.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(Passing, WhoComesBackDoesNotHearItAgain) {
  auto& phone = join(alice);
  comes(bob, lunch);
  until_seen(phone, 2);
  happens(in_chat(lunch, 5));
  until_seen(phone, 3);
  auto& back = connect(alice, phone.seen()[0].id);
  until([&] { return back.has("CaughtUp"); });
  EXPECT_THAT(back.names(), ElementsAre("NewMessage", "CaughtUp"));
}

TEST_F(Passing, WhoDoesNotReadIsNotTold) {
  auto& slow = connect(alice, {}, 4096);
  until([&] { return slow.has("CaughtUp"); });
  auto big = in_chat(lunch, 5);
  big.data = nlohmann::json{{"content", std::string(200'000, 'x')}}.dump();
  happens(big);
  shard->io().poll();  // the kernel has refused by now
  comes(bob, lunch);
  shard->io().poll();
  until_seen(slow, 2);
  happens(in_chat(lunch, 6));
  until_seen(slow, 3);
  EXPECT_THAT(slow.names(), ElementsAre("CaughtUp", "NewMessage", "NewMessage"));
}

TEST_F(Passing, AFirstStreamAndALastOneAreNoted) {
  std::vector<std::pair<UserId, bool>> changes;
  shard = std::make_unique<Shard>(
      settings,
      Sources{[this](std::vector<UserId> users) { return database.read(std::move(users)); }, {}},
      revoked,
      [&changes](OnlineUser user, bool online) { changes.emplace_back(user.user_id, online); });
  warm_up();
  auto& phone = join(alice);
  auto& laptop = join(alice);
  phone.disconnect();
  until([&] { return shard->counts().connections == 1; });
  EXPECT_THAT(changes, ElementsAre(std::pair{alice, true}));
  laptop.disconnect();
  until([&] { return shard->counts().connections == 0; });
  EXPECT_THAT(changes, ElementsAre(std::pair{alice, true}, std::pair{alice, false}));
}

TEST_F(Passing, NothingIsMadeForWhoSharesNoChat) {
  const PresenceChange change{{alice, acme}, true, SteadyClock::now()};
  EXPECT_THAT(make_presence_events({change}, {}), IsEmpty());
}

}  // namespace
}  // namespace fechatter::notify::test
