#include "fechatter_core/auth/access_token.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <limits>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/error.hpp"
#include "tests/support/process.hpp"

namespace fechatter::auth {
namespace {

using std::chrono::minutes;
using std::chrono::sys_seconds;

class AccessToken : public testing::Test {
 protected:
  AccessToken() { make_key_pair(private_path(), public_path()); }
  std::string private_path() const { return folder.path("private.pem"); }
  std::string public_path() const { return folder.path("public.pem"); }

  static sys_seconds this_second() { return std::chrono::floor<std::chrono::seconds>(now()); }

  std::string token(std::chrono::seconds life = minutes{20},
                    sys_seconds issued = this_second()) const {
    const TokenSigner signer{load_private_key(private_path())};
    const TokenClaims claims{
        {UserId{7}, WorkspaceId{3}, SessionId{9}, "alice", "a@b", issued + life}, "Active", now()};
    return signer.sign(claims, issued);
  }
  bool refused(const std::string& text) const {
    const TokenVerifier verifier{load_verifying_keys(public_path())};
    try {
      verifier.verify(text);
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::unauthenticated;
    }
  }

  test::ScratchFolder folder;
};

TEST_F(AccessToken, ATokenIsVerifiedWithThePublicKeyAlone) {
  const TokenVerifier verifier{load_verifying_keys(public_path())};
  const auto text = token();
  for (int i = 0; i < 2; ++i) {  // the second time from the cache
    const auto identity = verifier.verify(text);
    EXPECT_EQ(identity.user_id, UserId{7});
    EXPECT_EQ(identity.workspace_id, WorkspaceId{3});
    EXPECT_EQ(identity.session_id, SessionId{9});
    EXPECT_EQ(identity.fullname, "alice");
  }
}

TEST_F(AccessToken, OnlyAVerificationOfASignatureAsksBefore) {
  const TokenVerifier verifier{load_verifying_keys(public_path())};
  int asked = 0;
  const auto count = [&asked] { ++asked; };
  EXPECT_THROW(verifier.verify("no.token", count), Error);
  EXPECT_THROW(verifier.verify("not.a.token", count), Error);
  EXPECT_EQ(asked, 0);
  const auto text = token();
  const auto refuse = [] { throw Error{ErrorCode::rate_limited, "not now"}; };
  EXPECT_THROW(verifier.verify(text, refuse), Error);
  for (int i = 0; i < 3; ++i) verifier.verify(text, count);
  EXPECT_EQ(asked, 1);
  EXPECT_NO_THROW(verifier.verify(text, refuse));
}

TEST_F(AccessToken, AnExpiredTokenIsRefused) {
  EXPECT_TRUE(refused(token(minutes{20}, this_second() - minutes{21})));
}

TEST_F(AccessToken, ATokenOfTheFutureIsRefused) {
  EXPECT_TRUE(refused(token(minutes{20}, this_second() + minutes{5})));
}

TEST_F(AccessToken, ATokenWithAChangedByteIsRefused) {
  const auto good = token();
  ASSERT_FALSE(refused(good));
  for (std::size_t i = 0; i < good.size(); i += 7) {
    auto bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(refused(bad)) << i;
  }
}

TEST_F(AccessToken, AnUnsignedTokenAndAnotherAlgorithmAreRefused) {
  const auto good = token();
  const auto payload = good.substr(good.find('.'), good.rfind('.') - good.find('.') + 1);
  EXPECT_TRUE(refused(base64url_encode(R"({"alg":"none","typ":"JWT"})") + payload));
  EXPECT_TRUE(refused(base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + payload +
                      good.substr(good.rfind('.') + 1)));
  for (const auto* text : {"", ".", "..", "a.b", "a.b.c", "a.b.c.d"}) EXPECT_TRUE(refused(text));
}

TEST_F(AccessToken, TimesBeyondTheClockAreRefused) {
  using std::chrono::seconds;
  const auto most = std::numeric_limits<std::int64_t>::max();
  const sys_seconds last{seconds{253'402'300'799}};  // the last second of the year 9999
  EXPECT_FALSE(refused(token(last - this_second())));
  EXPECT_TRUE(refused(token(last - this_second() + seconds{1})));
  EXPECT_TRUE(refused(token(seconds{most} - this_second().time_since_epoch())));
  EXPECT_TRUE(refused(token(minutes{20}, sys_seconds{seconds{most} - minutes{20}})));
  EXPECT_TRUE(refused(token(minutes{20}, sys_seconds{-minutes{20}})));
}

TEST_F(AccessToken, TheCacheOfVerifiedTokensIsBounded) {
  const TokenVerifier verifier{load_verifying_keys(public_path()), 2};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(verifier.verify(token(minutes{20 + i})).user_id, UserId{7});
  }
}

TEST_F(AccessToken, ThePrivateKeyFileIsReadableByItsOwnerOnly) {
  struct stat status {};
  ASSERT_EQ(stat(private_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(AccessToken, AnExistingKeyIsNotReplaced) {
  const auto before = test::read_file(private_path());
  make_key_pair(private_path(), public_path());
  EXPECT_EQ(test::read_file(private_path()), before);
  std::filesystem::remove(public_path());
  make_key_pair(private_path(), public_path());
  EXPECT_FALSE(refused(token()));
  std::filesystem::remove(private_path());
  EXPECT_THROW(make_key_pair(private_path(), public_path()), std::runtime_error);
}

TEST(RevokedSessions, ARevokedSessionIsForgottenAfterTheLifetimeOfItsTokens) {
  RevokedSessions revoked{minutes{20}};
  EXPECT_FALSE(revoked.contains(SessionId{1}));
  EXPECT_THAT(revoked.add({{SessionId{1}, now()}}), testing::ElementsAre(SessionId{1}));
  EXPECT_THAT(revoked.add({{SessionId{1}, now()}}), testing::IsEmpty());
  EXPECT_TRUE(revoked.contains(SessionId{1}));
  revoked.add({{SessionId{2}, now() - minutes{50}}});
  EXPECT_FALSE(revoked.contains(SessionId{2}));
}

}  // namespace
}  // namespace fechatter::auth
