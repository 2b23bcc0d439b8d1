#include "fechatter_core/auth/ticket.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/clock.hpp"
#include "tests/support/process.hpp"

namespace fechatter::auth {
namespace {

using std::chrono::seconds;

class Ticket : public testing::Test {
 protected:
  Ticket() {
    make_key_pair(folder.path("private.pem"), folder.path("public.pem"));
    make_key_pair(folder.path("foreign.pem"), folder.path("foreign_public.pem"));
    key = load_private_key(folder.path("private.pem"));
    public_keys = load_verifying_keys(folder.path("public.pem"));
  }
  std::string ticket(seconds life = seconds{30}) const {
    return new_ticket(key, std::chrono::floor<seconds>(now()) + life);
  }
  // Whether it is good; counts verifications of signatures.
  bool is_good(const std::string& text) {
    try {
      check_ticket(public_keys, text, [this] { ++verifications; });
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unauthenticated);
      return false;
    }
  }

  test::ScratchFolder folder;
  Key key;
  std::vector<Key> public_keys;
  int verifications = 0;
};

TEST_F(Ticket, IsCheckedWithThePublicKeyAlone) {
  EXPECT_TRUE(is_good(ticket()));
  EXPECT_NE(ticket(), ticket());
}

TEST_F(Ticket, IsRefusedWhenAnyCharacterDiffers) {
  const auto good = ticket();
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(is_good(changed)) << i;
  }
}

TEST_F(Ticket, IsRefusedWithoutAVerificationWhenItCannotBeOne) {
  const auto good = ticket();
  for (const auto& text :
       {std::string{}, std::string(43, 'A'), good + "A", good.substr(1), std::string(118, '!')}) {
    EXPECT_FALSE(is_good(text)) << text;
  }
  EXPECT_FALSE(is_good(ticket(seconds{-62})));
  EXPECT_EQ(verifications, 0);
}

TEST_F(Ticket, IsGoodForAMinuteMoreSinceClocksDiffer) {
  EXPECT_TRUE(is_good(ticket(seconds{-50})));
}

TEST_F(Ticket, OfAnotherKeyIsRefused) {
  const auto foreign = load_private_key(folder.path("foreign.pem"));
  const auto expires_at = std::chrono::floor<seconds>(now()) + seconds{30};
  EXPECT_FALSE(is_good(new_ticket(foreign, expires_at)));
  EXPECT_EQ(verifications, 1);
}

TEST_F(Ticket, ASignatureForAnotherPurposeIsNoTicket) {
  const auto bytes = base64url_decode(ticket())->substr(0, 24);
  EXPECT_FALSE(is_good(base64url_encode(bytes + sign(key, bytes))));
}

TEST_F(Ticket, IsNotVerifiedWhenThatIsRefused) {
  const auto refuse = [] { throw Error{ErrorCode::rate_limited, "not now"}; };
  try {
    check_ticket(public_keys, ticket(), refuse);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::rate_limited);
  }
}

}  // namespace
}  // namespace fechatter::auth
