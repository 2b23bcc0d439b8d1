#include "fechatter_core/auth/device_token.hpp"

#include <gmock/gmock.h>

#include "tests/support/process.hpp"

namespace fechatter::auth {
namespace {

using std::chrono::seconds;

class DeviceToken : public testing::Test {
 protected:
  DeviceTokens tokens_of(const std::string& key, seconds life = seconds{60}) const {
    make_key_pair(folder.path(key), folder.path(key + "_public"));
    return {load_private_key(folder.path(key)), life};
  }

  test::ScratchFolder folder;
  const DeviceTokens tokens = tokens_of("ours");
  const std::string alice = tokens.account_tag("alice@acme.example");
};

TEST_F(DeviceToken, ProvesItsAccountAndTheVersionOfItsPassword) {
  const auto device = tokens.find(tokens.issue(alice, 7, std::nullopt));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->account, alice);
  EXPECT_EQ(device->password_version, 7);
  EXPECT_NE(device->account, tokens.account_tag("bob@acme.example"));
}

TEST_F(DeviceToken, IsKnownToEveryInstanceWithTheKey) {
  const auto other_instance = tokens_of("ours");
  EXPECT_TRUE(other_instance.find(tokens.issue(alice, 1, std::nullopt)));
  EXPECT_EQ(other_instance.account_tag("alice@acme.example"), alice);
  EXPECT_FALSE(tokens_of("foreign").find(tokens.issue(alice, 1, std::nullopt)));
}

TEST_F(DeviceToken, IsRefusedWhenAnyCharacterDiffers) {
  const auto good = tokens.issue(alice, 1, std::nullopt);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.find(changed)) << i;
  }
  for (const auto& text : {std::string{}, good + "A", good.substr(1), std::string(96, '!')}) {
    EXPECT_FALSE(tokens.find(text)) << text;
  }
}

TEST_F(DeviceToken, Expires) {
  const auto expired = tokens_of("ours", seconds{0}).issue(alice, 1, std::nullopt);
  EXPECT_FALSE(tokens.find(expired));
}

TEST_F(DeviceToken, OfADeviceThatIsKnownAlreadyKeepsItsId) {
  const auto first = tokens.find(tokens.issue(alice, 1, std::nullopt));
  const auto again = tokens.find(tokens.issue(alice, 2, first));
  EXPECT_EQ(again->id, first->id);
  const auto bob = tokens.account_tag("bob@acme.example");
  EXPECT_NE(tokens.find(tokens.issue(bob, 1, first))->id, first->id);
  EXPECT_NE(tokens.find(tokens.issue(alice, 1, std::nullopt))->id, first->id);
}

}  // namespace
}  // namespace fechatter::auth
