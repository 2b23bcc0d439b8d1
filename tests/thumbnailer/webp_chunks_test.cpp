#include "fechatter_thumbnailer/webp_chunks.hpp"

#include <gtest/gtest.h>

namespace fechatter::thumbnailer {
namespace {

std::string little(std::size_t number) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(number >> 8 * i & 0xff);
  return bytes;
}

std::string chunk(const std::string& name, const std::string& bytes) {
  return name + little(bytes.size()) + bytes + std::string(bytes.size() % 2, '\0');
}

std::string file_of(const std::string& chunks) {
  return "RIFF" + little(4 + chunks.size()) + "WEBP" + chunks;
}

std::string extended(char flags) {
  return chunk("VP8X", flags + std::string(9, '\7'));
}

TEST(WebpChunks, OfMetadataAreLeftOutWithTheirFlags) {
  const auto picture = chunk("ALPH", "abc") + chunk("VP8 ", "pixels");
  const auto full = extended(0x3c) + chunk("ICCP", "profile") + picture + chunk("EXIF", "a place") +
                    chunk("XMP ", "a name!");
  EXPECT_EQ(without_metadata_chunks(file_of(full)), file_of(extended(0x10) + picture));
}

TEST(WebpChunks, OfAPictureWithoutMetadataStayAsTheyAre) {
  for (const auto& plain : {file_of(chunk("VP8 ", "pixel")), file_of(chunk("VP8L", "pixels")),
                            file_of(extended(0x10) + chunk("VP8 ", "EXIF"))}) {
    EXPECT_EQ(without_metadata_chunks(plain), plain);
  }
}

TEST(WebpChunks, OfAFileThatIsCutAreReadUpToTheLastWholeOne) {
  const auto whole = file_of(chunk("VP8 ", "pixels") + chunk("EXIF", "a place"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto kept = without_metadata_chunks(whole.substr(0, size));
    EXPECT_LE(kept.size(), size);
    EXPECT_EQ(kept.find("place"), kept.npos);
  }
}

}  // namespace
}  // namespace fechatter::thumbnailer
