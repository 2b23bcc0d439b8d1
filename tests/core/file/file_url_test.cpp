#include "fechatter_core/file/file_url.hpp"

#include <gtest/gtest.h>

namespace fechatter::file {
namespace {

const std::string some_hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string some_url = "/files/7/012/345/" + some_hash + ".png";

TEST(FileUrl, IsThatOfItsKeyOnly) {
  const FileKey key{WorkspaceId{7}, some_hash, "png"};
  EXPECT_EQ(to_url(key), some_url);
  EXPECT_EQ(parse_file_url(some_url), key);
}

TEST(FileUrl, HasTheLargestWorkspace) {
  const FileKey key{WorkspaceId{9223372036854775807}, some_hash, "7z"};
  EXPECT_EQ(parse_file_url(to_url(key)), key);
}

TEST(FileUrl, IsWrittenInOneWayOnly) {
  auto upper = some_url;
  upper[27] = 'A';
  for (const auto& other : {std::string{},
                            std::string{"/files/"},
                            std::string{"/files/7"},
                            some_url + "?a",
                            some_url + "#",
                            some_url + "/",
                            some_url + "\n",
                            ' ' + some_url,
                            '/' + some_url,
                            "https://a" + some_url,
                            upper,
                            some_url.substr(1),
                            "/Files/7/012/345/" + some_hash + ".png",
                            "/files/07/012/345/" + some_hash + ".png",
                            "/files/0/012/345/" + some_hash + ".png",
                            "/files/-7/012/345/" + some_hash + ".png",
                            "/files/+7/012/345/" + some_hash + ".png",
                            "/files//012/345/" + some_hash + ".png",
                            "/files/9223372036854775808/012/345/" + some_hash + ".png",
                            "/files/7/012/346/" + some_hash + ".png",
                            "/files/7/013/345/" + some_hash + ".png",
                            "/files/7/345/012/" + some_hash + ".png",
                            "/files/7/012//345/" + some_hash + ".png",
                            "/files/7/012/345/../345/" + some_hash + ".png",
                            "/files/7/../7/012/345/" + some_hash + ".png",
                            "/files/7%2f012/345/" + some_hash + ".png",
                            "/files/7/012/345/" + some_hash.substr(1) + ".png",
                            "/files/7/012/345/0" + some_hash + ".png"}) {
    EXPECT_EQ(parse_file_url(other), std::nullopt) << other;
  }
}

TEST(FileUrl, HasAnExtensionOf1To8LowerCaseCharacters) {
  const auto parsed = [](const std::string& end) {
    return parse_file_url("/files/7/012/345/" + some_hash + end).has_value();
  };
  EXPECT_TRUE(parsed(".a"));
  EXPECT_TRUE(parsed(".abcdefg8"));
  for (const auto* end :
       {"", ".", ".abcdefgh9", ".PNG", ".tar.gz", ".p g", "png", "-png", ".p\xc3\xbc"}) {
    EXPECT_FALSE(parsed(end)) << end;
  }
  EXPECT_FALSE(parsed(std::string{".p\0g", 4}));
}

}  // namespace
}  // namespace fechatter::file
