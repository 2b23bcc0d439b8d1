#include "fechatter_core/file/media_type.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/file/file_url.hpp"

namespace fechatter::file {
namespace {

using namespace std::string_literals;

MediaTypes& shared_types() {
  static MediaTypes types;
  return types;
}

std::string_view type_of(std::string_view head) {
  return shared_types().of(head).media_type;
}

const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"s;
const std::string jpeg = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"s;
const std::string gif = "GIF89a\1\0\1\0\0\0\0"s;
const std::string webp = "RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0"s;
const std::string wav =
    "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0"s;
const std::string mp4 =
    "\0\0\0\x18"
    "ftypisom\0\0\2\0isomiso2avc1mp41"s;
const std::string m4a =
    "\0\0\0\x18"
    "ftypM4A \0\0\2\0isommp42"s;
const std::string webm =
    "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1\x42\xf2\x81\4\x42\xf3"
    "\x81\x08\x42\x82\x84webm\x42\x87\x81\4\x42\x85\x81\2"s;
const std::string mp3 = "\xff\xfb\x90\x64"s + std::string(400, '\0');
const std::string ogg =
    "OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\2\3\4\1\x1e\1vorbis"s + std::string(23, '\0');
const std::string zip =
    "PK\3\4\x14\0\0\0\0\0\0\0!\0\x86\xa6\x10\x36\5\0\0\0\5\0\0\0\5\0\0\0x.txthello"s +
    "PK\1\2\x14\0"s + std::string(40, '\0') + "x.txt";
const std::string script = "<script>alert(document.cookie)</script>";

TEST(MediaType, OfWhatBrowsersShowIsKnownByContent) {
  EXPECT_EQ(type_of(png), "image/png");
  EXPECT_EQ(type_of(jpeg), "image/jpeg");
  EXPECT_EQ(type_of(gif), "image/gif");
  EXPECT_EQ(type_of(webp), "image/webp");
  EXPECT_EQ(type_of(wav), "audio/wav");
  EXPECT_EQ(type_of(mp4), "video/mp4");
  EXPECT_EQ(type_of(m4a), "audio/mp4");
  EXPECT_EQ(type_of(webm), "video/webm");
  EXPECT_EQ(type_of(mp3), "audio/mpeg");
  EXPECT_EQ(type_of(ogg), "audio/ogg");
  for (const auto& head : {png, jpeg, gif, webp, wav, mp4, m4a, webm, mp3, ogg}) {
    EXPECT_TRUE(shared_types().of(head).is_shown_inline) << type_of(head);
  }
  for (const auto& head : {png, jpeg, gif, webp}) EXPECT_TRUE(shared_types().of(head).is_picture);
  for (const auto& head : {mp4, mp3}) EXPECT_FALSE(shared_types().of(head).is_picture);
}

TEST(MediaType, OfASoundBehindALargeTagIsKnown) {
  EXPECT_EQ(type_of("ID3\3\0\0\0\6\x20\0APIC"s + std::string(9000, 'x')), "audio/mpeg");
  EXPECT_EQ(type_of("ID3 is a tag of sounds"), "text/plain");
}

TEST(MediaType, OfDocumentsAndArchivesIsKnown) {
  EXPECT_EQ(type_of("%PDF-1.7\n1 0 obj"), "application/pdf");
  EXPECT_EQ(type_of(zip), "application/zip");
  EXPECT_EQ(type_of("\x1f\x8b\x08\0\0\0\0\0\0\3"s), "application/gzip");
  EXPECT_EQ(type_of("hello\n"), "text/plain");
  EXPECT_EQ(type_of("gr\xc3\xbc\xc3\x9f\x65\n"), "text/plain");
  EXPECT_EQ(type_of("#include <stdio.h>\nint main(void) { return 0; }\n"), "text/plain");
  EXPECT_EQ(type_of("{\"a\": 1}"), "text/plain");
}

// The local header and the bytes of an entry, whose sizes stand behind it, as those of streams do.
std::string entry_of_an_archive(const std::string& name) {
  return "PK\3\4\x14\0\x08\0\x08\0\0\0!\0"s + std::string(12, '\0') +
         static_cast<char>(name.size()) + std::string(3, '\0') + name + "\3\0PK\7\x08"s +
         std::string(12, '\0');
}

TEST(MediaType, OfAnOfficeDocumentIsKnownByTheNamesInIt) {
  const auto types = entry_of_an_archive("[Content_Types].xml");
  const auto relations = entry_of_an_archive("_rels/.rels");
  const auto words = entry_of_an_archive("word/document.xml");
  EXPECT_EQ(shared_types().of(types + relations + words).extension, "docx");
  EXPECT_EQ(shared_types().of(relations + types + words).extension, "docx");
  EXPECT_EQ(shared_types().of(types + entry_of_an_archive("xl/workbook.xml")).extension, "xlsx");
  EXPECT_EQ(shared_types().of(types + entry_of_an_archive("ppt/slides/a.xml")).extension, "pptx");
  EXPECT_EQ(shared_types().of(types).extension, "zip");
  EXPECT_EQ(shared_types().of(entry_of_an_archive("a.txt") + words).extension, "zip");
  for (std::size_t end = 4; end < types.size(); ++end) {
    EXPECT_EQ(shared_types().of(types.substr(0, end)).extension, "zip") << end;
  }
  EXPECT_EQ(shared_types().of("PK\5\6"s + std::string(18, '\0')).extension, "zip");
}

TEST(MediaType, OfWhatCanHoldAScriptIsNeverShownInline) {
  for (const auto& head :
       {"<svg xmlns=\"http://www.w3.org/2000/svg\">" + script + "</svg>",
        "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"s,
        "<html>" + script, "\xef\xbb\xbf<!DOCTYPE html><html>"s, script,
        "<?xml version=\"1.0\"?><a/>"s, "<?xml version=\"1.0\"?><html/>"s, "#!/usr/bin/env node\n"s,
        "var a = function() { return 1; };\n"s, "%PDF-1.7\n"s, "{\\rtf1 x}"s, "%!PS-Adobe-3.0\n"s,
        "CWS\x09\0\0\0\0x\x9c"s, zip, "hello\n"s,
        "<!-- " + std::string(7000, 'x') + " --><html>" + script}) {
    const auto& type = shared_types().of(head);
    EXPECT_FALSE(type.is_shown_inline) << type.media_type << ": " << head.substr(0, 40);
    EXPECT_FALSE(type.is_picture) << type.media_type << ": " << head.substr(0, 40);
  }
}

TEST(MediaType, OfAFileOfTwoTypesIsTheFirst) {
  EXPECT_EQ(type_of("GIF89a/*<html>" + script + "*/=1;"), "image/gif");
  EXPECT_EQ(type_of(gif + "<html>" + script), "image/gif");
  EXPECT_EQ(type_of(jpeg + "<html>" + script), "image/jpeg");
  EXPECT_EQ(type_of("%PDF-1.4\n" + zip), "application/pdf");
  EXPECT_EQ(type_of(zip + "<html>" + script), "application/zip");
}

TEST(MediaType, OfNothingKnownIsABinary) {
  for (const auto& head :
       {""s, std::string(100, '\0'), "\1\2\3\4"s, "\x7f\x45\1"s, "<html>\0\0\1"s + zip}) {
    EXPECT_EQ(type_of(head), "application/octet-stream");
  }
  EXPECT_EQ(shared_types().of("").extension, "bin");
}

TEST(MediaType, IsThatOfTheFirst8KiB) {
  EXPECT_EQ(type_of(std::string(MediaTypes::head_bytes_max, '\0') + png),
            "application/octet-stream");
  EXPECT_EQ(type_of(png + std::string(100'000, 'x')), "image/png");
}

TEST(MediaType, OnlyOfThisListIsShownInline) {
  std::set<std::string_view> shown;
  for (const auto& type : media_types()) {
    if (type.is_shown_inline) shown.insert(type.media_type);
  }
  EXPECT_THAT(shown, testing::ElementsAre("audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav",
                                          "image/gif", "image/jpeg", "image/png", "image/webp",
                                          "video/mp4", "video/ogg", "video/webm"));
}

TEST(MediaType, HasAnExtensionOfItsOwnThatAUrlCanHave) {
  const std::string digits(64, 'a');
  for (const auto& type : media_types()) {
    EXPECT_EQ(&media_type_of_extension(type.extension), &type) << type.media_type;
    const FileKey key{WorkspaceId{1}, digits, std::string{type.extension}};
    EXPECT_EQ(parse_file_url(to_url(key)), key) << type.media_type;
  }
  EXPECT_EQ(media_type_of_extension("xyz").media_type, "application/octet-stream");
  EXPECT_EQ(media_type_of_extension("PNG").media_type, "application/octet-stream");
}

TEST(MediaType, IsToldToManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (auto& count : right) {
    threads.emplace_back([&count] {
      for (int i = 0; i < 50; ++i) {
        count += type_of(png) == "image/png";
        count += type_of("hello\n") == "text/plain";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(right, testing::Each(100));
}

}  // namespace
}  // namespace fechatter::file
