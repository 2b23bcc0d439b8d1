#include "fechatter_server/auth/password_rules.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <set>
#include <sstream>

#include "fechatter_server/auth/common_passwords.hpp"

namespace fechatter::server {
namespace {

using testing::Eq;
using testing::Ge;
using testing::Optional;

constexpr PersonalWords personal_words{"Alice Liddell-Hargreaves", "a.liddell@acme.example",
                                       "Acme Ltd"};

std::optional<ErrorCode> password_refusal(std::string_view password,
                                          const PersonalWords& user = personal_words) {
  try {
    check_new_password("password", password, user);
    return std::nullopt;
  } catch (const Error& error) {
    EXPECT_EQ(error.info().status, 422);
    EXPECT_EQ(error.fields().size(), 1);
    EXPECT_EQ(error.fields().front().field, "password");
    return error.code();
  }
}

TEST(PasswordRules, RefuseCommonPasswordsInAnyCase) {
  for (const auto* common : {"password", "PassWord", "12345678", "iloveyou!", "ＰＡＳＳＷＯＲＤ"}) {
    EXPECT_THAT(password_refusal(common), Optional(Eq(ErrorCode::password_common))) << common;
  }
}

TEST(PasswordRules, RefuseACommonPasswordWithALittleAroundIt) {
  for (const auto* nearly : {"monkey2024", "!password1", "1Summer!", "dragon..", "qwertyqwerty"}) {
    EXPECT_THAT(password_refusal(nearly), Optional(Eq(ErrorCode::password_common))) << nearly;
  }
}

TEST(PasswordRules, RefuseOnePieceRepeatedAndRows) {
  for (const auto* dull :
       {"        ", "zzzzzzzz", "xkxkxkxk", "xq7xq7xq7x", "87654321", "bcdefghi"}) {
    EXPECT_THAT(password_refusal(dull), Optional(Eq(ErrorCode::password_common))) << dull;
  }
}

// At least 3,000 of the most common ones that have eight characters: those of the list, the short
// ones with what people add to them.
TEST(PasswordRules, RefuseEachWordOfTheListAtTheLengthOfAPassword) {
  std::istringstream list{std::string{common_passwords()}};
  std::set<std::string> refused;
  for (std::string word; std::getline(list, word);) {
    if (word.empty() || word.starts_with("#!") || word.size() < 4) continue;
    auto password = word;
    for (char digit = '1'; password.size() < 8; ++digit) password += digit;
    EXPECT_TRUE(password_refusal(password, {"x", "x@y.example", "z"})) << password;
    refused.insert(password);
  }
  EXPECT_THAT(refused.size(), Ge(3000));
}

TEST(PasswordRules, RefuseTheNamesOfTheUser) {
  for (const auto* personal :
       {"alice in chains", "my-LIDDELL-cat", "Hárgreaves 9", "ａｌｉｃｅ_77x",
        "a.liddell@acme.example", "aliddell says", "Acme Ltd forever", "oh acme oh",
        "a-l-i-c-e 4 ever", "fechatter rocks"}) {
    EXPECT_THAT(password_refusal(personal), Optional(Eq(ErrorCode::password_personal))) << personal;
  }
}

TEST(PasswordRules, AcceptWhatIsNeither) {
  for (const auto* good : {"correct horse battery", "pa ss wörd", "ltd of a kind", "tq8#vLp2",
                           "пароль моей кошки", "staple staple staple"}) {
    EXPECT_EQ(password_refusal(good), std::nullopt) << good;
  }
}

TEST(PasswordRules, PassOverNamesOfLessThanFourCharacters) {
  const PersonalWords short_names{"Bob Ng", "bob@b.example", "ACM"};
  EXPECT_EQ(password_refusal("bobbing for acm apples", short_names), std::nullopt);
}

TEST(PasswordRules, NameTheField) {
  EXPECT_EQ(password_unchanged("new_password").fields().front().field, "new_password");
}

}  // namespace
}  // namespace fechatter::server
