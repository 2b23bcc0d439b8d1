#include "fechatter_core/file/file_name.hpp"

#include <gtest/gtest.h>

#include "fechatter_core/utf8.hpp"

namespace fechatter::file {
namespace {

std::string repeated(int count, std::string_view text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(FileName, IsTheLastComponentOfAPath) {
  EXPECT_EQ(kept_name("a.txt"), "a.txt");
  EXPECT_EQ(kept_name("/etc/passwd"), "passwd");
  EXPECT_EQ(kept_name("../../a.txt"), "a.txt");
  EXPECT_EQ(kept_name("C:\\folder\\a.txt"), "a.txt");
  EXPECT_EQ(kept_name("a/b\\c/d\\e.txt"), "e.txt");
}

TEST(FileName, KeepsAnEncodedPathAsAName) {
  EXPECT_EQ(kept_name("..%2f..%2fpasswd"), "%2f..%2fpasswd");
}

TEST(FileName, ThatIsNothingIsFile) {
  for (const auto* name :
       {"", ".", "..", "...", " ", "a/", "\\", "/..", "\xe2\x80\xae", "\xc2\xa0", "\n"}) {
    EXPECT_EQ(kept_name(name), "file") << name;
  }
}

TEST(FileName, HasNoCharacterThatCannotBeSeen) {
  EXPECT_EQ(kept_name("a\r\nb\tc\x7f.txt"), "abc.txt");
  EXPECT_EQ(kept_name(std::string{"a.txt\0.exe", 10}), "a.txt.exe");
  EXPECT_EQ(kept_name("photo\xe2\x80\xaegpj.exe"), "photogpj.exe");  // right-to-left override
  EXPECT_EQ(kept_name("\xe2\x81\xa6"
                      "a\xe2\x80\x8b.txt\xef\xbb\xbf"),
            "a.txt");
}

TEST(FileName, KeepsTheJoinersOfEmojiAndOfScriptsThatWriteThem) {
  const std::string family =
      "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7";
  EXPECT_EQ(kept_name(family + ".png"), family + ".png");
}

TEST(FileName, IsComposed) {
  EXPECT_EQ(kept_name("u\xcc\x88.txt"), "\xc3\xbc.txt");
  EXPECT_EQ(kept_name("u\xe2\x80\x8b\xcc\x88.txt"), "\xc3\xbc.txt");
}

TEST(FileName, HasSpacesForBlanksAndNoneAtItsEnds) {
  EXPECT_EQ(kept_name(" a\xc2\xa0"
                      "b\xe3\x80\x80"
                      "c.txt. . "),
            "a b c.txt");
  EXPECT_EQ(kept_name(".htaccess"), "htaccess");
}

TEST(FileName, OfADeviceBeginsWithAnUnderscore) {
  for (const auto* name : {"CON", "nul", "NUL.txt", "aux.tar.gz", "Com1", "LPT9.x", "com0",
                           "COM\xc2\xb9", "conin$", "PRN .txt"}) {
    EXPECT_EQ(kept_name(name), "_" + std::string{name}) << name;
  }
  EXPECT_EQ(kept_name("con" + std::string(300, ' ') + "x.txt"), "_con.txt");
  EXPECT_EQ(kept_name("con." + std::string(251, 'x')), "_con." + std::string(250, 'x'));
  for (const auto* name : {"console", "com", "com10", "nul1", "a.nul", "_con"}) {
    EXPECT_EQ(kept_name(name), name);
  }
}

TEST(FileName, KeepsEachOfItsExtensions) {
  EXPECT_EQ(kept_name("a.png.exe"), "a.png.exe");
}

TEST(FileName, IsCutBeforeItsExtension) {
  EXPECT_EQ(kept_name(std::string(400, 'a') + ".tar.gz"), std::string(252, 'a') + ".gz");
  EXPECT_EQ(kept_name(std::string(255, 'a')), std::string(255, 'a'));
  EXPECT_EQ(kept_name(std::string(256, 'a')), std::string(255, 'a'));
  const auto long_extension = "a." + std::string(400, 'b');
  EXPECT_EQ(kept_name(long_extension), long_extension.substr(0, 255));
}

TEST(FileName, IsCutBetweenGraphemeClusters) {
  const std::string cluster = "e\xcc\x81\xcc\xa3";  // composed: 5 bytes
  for (std::size_t before = 0; before < 8; ++before) {
    const auto name = kept_name(std::string(before, 'a') + repeated(100, cluster) + ".png");
    EXPECT_LE(name.size(), name_bytes_max);
    EXPECT_GE(name.size(), name_bytes_max - 5);
    EXPECT_TRUE(name.ends_with("\xcc\x81.png")) << name;
    EXPECT_TRUE(is_utf8(name));
  }
  const auto one_cluster = "a" + repeated(200, "\xcc\xa3") + ".png";
  EXPECT_EQ(kept_name(one_cluster), "file.png");
}

TEST(FileName, OfAKeptFileIsKept) {
  const std::string zwnj = "\xe2\x80\x8c";
  for (const auto& name :
       {std::string(253, 'a') + "\xd9\x85" + zwnj + "\xd9\x85.txt", repeated(60, "\xd9\x85" + zwnj),
        std::string{"con. "}, std::string(254, ' ') + "b.c", std::string(251, 'a') + " . .txt"}) {
    const auto kept = kept_name(name);
    EXPECT_EQ(kept_name(kept), kept) << name;
  }
}

TEST(ContentDisposition, NamesAnAsciiNameOnce) {
  EXPECT_EQ(content_disposition(false, "a b.txt"), "attachment; filename=\"a b.txt\"");
  EXPECT_EQ(content_disposition(true, "a.png"), "inline; filename=\"a.png\"");
}

TEST(ContentDisposition, NamesAnotherNameInBothForms) {
  EXPECT_EQ(
      content_disposition(false, "gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac.txt"),
      "attachment; filename=\"gr__e _.txt\"; filename*=UTF-8''gr%C3%BC%C3%9Fe%20%E2%82%AC.txt");
}

TEST(ContentDisposition, HasNoQuoteBackslashOrPercentSignInTheQuotedName) {
  EXPECT_EQ(
      content_disposition(false, "a\"; b='%41\\.txt"),
      "attachment; filename=\"a_; b='_41_.txt\"; filename*=UTF-8''a%22%3B%20b%3D%27%2541%5C.txt");
}

}  // namespace
}  // namespace fechatter::file
