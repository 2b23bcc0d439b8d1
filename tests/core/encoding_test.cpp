#include "fechatter_core/auth/encoding.hpp"

#include <gtest/gtest.h>

namespace fechatter::auth {
namespace {

// RFC 4648 §10, without padding.
TEST(Base64Url, EncodingAgreesWithTheRfc) {
  const std::pair<const char*, const char*> facts[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : facts) {
    EXPECT_EQ(base64url_encode(plain), encoded);
    EXPECT_EQ(base64url_decode(encoded), plain);
  }
}

TEST(Base64Url, AMalformedTextIsRefused) {
  for (const auto* text : {"A", "Zg==", "Zm+v", "Zm/v", "Zm 9v", "Zh"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

TEST(Bytea, EncodedBytesAreDecodedToTheSame) {
  const auto bytes = random_bytes(32);
  EXPECT_EQ(from_bytea(to_bytea(bytes)), bytes);
  EXPECT_EQ(to_bytea(std::string_view{"\x00\xff\x10", 3}), "\\x00ff10");
}

// FIPS 180-4 and RFC 4231, test case 2.
TEST(Digest, DigestsAgreeWithTheStandards) {
  EXPECT_EQ(to_bytea(sha256("abc")),
            "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_bytea(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "\\x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace fechatter::auth
