#include "fechatter_server/file/file_cookie.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/clock.hpp"
#include "tests/support/process.hpp"

namespace fechatter::server {
namespace {

using std::chrono::seconds;

class FileCookie : public testing::Test {
 protected:
  FileCookies cookies_of(const std::string& key) const {
    auth::make_key_pair(folder.path(key), folder.path(key + "_public"));
    return FileCookies{auth::load_private_key(folder.path(key))};
  }
  static auth::Identity alice(seconds life = seconds{60}) {
    auth::Identity user;
    user.user_id = UserId{7};
    user.workspace_id = WorkspaceId{8};
    user.session_id = SessionId{9};
    user.expires_at = std::chrono::floor<seconds>(now()) + life;
    return user;
  }

  test::ScratchFolder folder;
  const FileCookies cookies = cookies_of("ours");
};

TEST_F(FileCookie, ProvesItsUserAndSession) {
  const auto found = cookies.find(cookies.issue(alice()));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->user_id, UserId{7});
  EXPECT_EQ(found->workspace_id, WorkspaceId{8});
  EXPECT_EQ(found->session_id, SessionId{9});
  EXPECT_EQ(found->expires_at, alice().expires_at);
}

TEST_F(FileCookie, IsKnownToEveryInstanceWithTheKey) {
  EXPECT_TRUE(cookies_of("ours").find(cookies.issue(alice())));
  EXPECT_FALSE(cookies_of("foreign").find(cookies.issue(alice())));
}

TEST_F(FileCookie, IsRefusedWhenAnyCharacterDiffers) {
  const auto good = cookies.issue(alice());
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = bad[i] == 'A' ? 'Q' : 'A';
    EXPECT_FALSE(cookies.find(bad)) << i;
  }
  EXPECT_FALSE(cookies.find(""));
  EXPECT_FALSE(cookies.find(good + "A"));
}

TEST_F(FileCookie, Expires) {
  EXPECT_FALSE(cookies.find(cookies.issue(alice(seconds{-1}))));
}

TEST_F(FileCookie, IsSetForThisHostAndForAsLongAsTheAccessToken) {
  AuthTokens tokens;
  tokens.signed_in.user.id = UserId{7};
  tokens.access_life = seconds{1200};
  http::Response response;
  set_file_cookie(response, cookies, tokens);
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Set-Cookie");
  EXPECT_THAT(response.headers[0].second,
              testing::MatchesRegex("__Host-files=[A-Za-z0-9_-]{86}; HttpOnly; Secure; "
                                    "SameSite=Lax; Path=/; Max-Age=1200"));
}

}  // namespace
}  // namespace fechatter::server
