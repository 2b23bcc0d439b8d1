#include "fechatter_core/text/emoji.hpp"

#include <gtest/gtest.h>

namespace fechatter {
namespace {

TEST(Emoji, OfEveryKindIsOne) {
  for (const std::string emoji : {
           "👍", "👍🏽", "😀", "🇩🇪", "1️⃣", "#️⃣", "❤️",
           "👨‍👩‍👧‍👦",     // a family
           "🏳️‍🌈",                // the rainbow flag
           "👩🏽‍💻",               // a technologist
           "🏴󠁧󠁢󠁳󠁣󠁴󠁿",  // Scotland, by tags
           "🤦🏻‍♂️", "👁️‍🗨️",
           "🧑🏿‍❤️‍💋‍🧑🏻",  // 35 bytes
       }) {
    EXPECT_EQ(find_emoji(emoji), emoji);
  }
}

TEST(Emoji, HasOneSpelling) {
  EXPECT_EQ(find_emoji("❤"), "❤️");
  EXPECT_EQ(find_emoji("👍\xEF\xB8\x8F"), "👍");
  EXPECT_EQ(find_emoji("1\xE2\x83\xA3"), "1️⃣");
  EXPECT_EQ(find_emoji("🏳‍🌈"), "🏳️‍🌈");
  EXPECT_EQ(find_emoji("🤦‍♂"), "🤦‍♂️");
  EXPECT_EQ(find_emoji("👁‍🗨"), "👁️‍🗨️");
}

TEST(Emoji, OfANewerUnicodeIsOne) {
  EXPECT_EQ(find_emoji("🐦‍🔥"), "🐦‍🔥");  // 15.1: joined of known ones
  const std::string reserved{"\xF0\x9F\xBF\xBC"};       // U+1FFFC
  EXPECT_EQ(find_emoji(reserved), reserved);
}

TEST(Emoji, IsNoOtherText) {
  const std::string text_style{"❤\xEF\xB8\x8E"};
  const std::string joiner{"\xE2\x80\x8D"};
  for (const std::string& text : {std::string{},       std::string{"a"},
                                  std::string{"1"},    std::string{"#"},
                                  std::string{"👍👍"},   std::string{"👍a"},
                                  std::string{"a👍"},   std::string{" 👍"},
                                  std::string{"👍 "},   std::string{":+1:"},
                                  std::string{"♂♀"},   std::string{"🇩"},
                                  std::string{"🇩🇪🇫🇷"}, std::string{"漢"},
                                  std::string{"é"},    std::string{"\xEF\xB8\x8F"},
                                  text_style,          joiner,
                                  "👍" + joiner,        joiner + "👍"}) {
    EXPECT_EQ(find_emoji(text), std::nullopt) << text;
  }
}

TEST(Emoji, HidesNoText) {
  const std::string tag_a{"\xF3\xA0\x81\xA1"};  // U+E0061
  EXPECT_EQ(find_emoji("👍" + tag_a), std::nullopt);
  EXPECT_EQ(find_emoji("🏴" + tag_a + tag_a + "\xF3\xA0\x81\xBF"), std::nullopt);
  EXPECT_EQ(find_emoji("👍\xCC\x81"), std::nullopt);  // a combining accent
  EXPECT_EQ(find_emoji("👍\xE2\x80\x8B"), std::nullopt);
}

TEST(Emoji, HasSixtyFourBytesAtMost) {
  std::string joined{"👍"};
  while (joined.size() + 7 <= emoji_bytes_max) joined += "‍👍";
  EXPECT_EQ(find_emoji(joined), joined);
  EXPECT_EQ(find_emoji(joined + "‍👍"), std::nullopt);
  // Too long when it is spelt in full.
  std::string hearts{"❤"};
  while (hearts.size() + 6 <= emoji_bytes_max) hearts += "‍❤";
  EXPECT_EQ(find_emoji(hearts), std::nullopt);
}

}  // namespace
}  // namespace fechatter
