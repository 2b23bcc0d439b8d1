#include "tests/core/file/metadata_filter_test.hpp"

#include "fechatter_core/file/filtering_writer.hpp"
#include "tests/core/file/disk_fixture.hpp"

// What the filter decides by, and what it leaves alone.
namespace fechatter::file {
namespace {

using namespace std::string_literals;
using namespace test::pictures;

TEST(MetadataFilter, LeavesOtherFilesUntouched) {
  for (const auto& file :
       {""s, "\xff"s, "\xff\xd8"s, "\xff\xd8\xff"s, "RIFF"s, "RIFF\x24\0\0\0WEBX"s,
        "RIFF\x24\0\0\0WAVEfmt EXIF"s + secret, "\x89PNG\r\n\x1a"s, "\x89PNG\n"s + secret,
        "%PDF-1.7\n" + jpeg_picture(exif_segment(tiff(1))), "GIF89a\1\0\1\0\0\0\0"s + secret,
        "PK\3\4"s + png_picture(chunk("tEXt", secret)), " " + jpeg_picture(exif_segment(tiff(1))),
        "II\x2a\0"s + secret, "\0\0\0\x18"s + "ftypqt  " + secret, std::string(200'000, '\0')}) {
    EXPECT_EQ(filtered(file), file) << file.substr(0, 20);
  }
}

TEST(MetadataFilter, TakesJpegLsForAFormatOfItsOwn) {
  const auto file = "\xff\xd8\xff\xf7"s + exif_segment(tiff(1));
  EXPECT_EQ(filtered(file), file);
}

TEST(MetadataFilter, DoesNotCopyWhatPasses) {
  const std::string file(100'000, 'x');
  MetadataFilter filter;
  filter.feed(file);
  EXPECT_EQ(filter.next().size(), 5U);  // by which it is known
  const auto rest = filter.next();
  EXPECT_EQ(rest.data(), file.data() + 5);
  EXPECT_EQ(rest.size(), file.size() - 5);
  EXPECT_EQ(filter.next(), "");
  EXPECT_EQ(filter.finish(), "");
}

class FilteredUploads : public DiskStoreTest {};

TEST_F(FilteredUploads, HaveTheHashSizeAndHeadOfWhatIsStored) {
  FilteringWriter writer{create()};
  write(writer, jpeg_picture(exif_segment(tiff(1))).substr(0, 50));
  write(writer, jpeg_picture(exif_segment(tiff(1)), secret).substr(50));
  const auto written = finish(writer);
  EXPECT_EQ(written.hash, hash_of_content(jpeg_picture()));
  EXPECT_EQ(written.size, jpeg_picture().size());
  EXPECT_EQ(written.head, jpeg_picture());
  keep(writer, key_of(jpeg_picture()));
  EXPECT_EQ(download(key_of(jpeg_picture())), jpeg_picture());
}

TEST_F(FilteredUploads, StoreTheBytesThatWereHeldBackAtTheEnd) {
  FilteringWriter writer{create()};
  write(writer, "RIFF");
  EXPECT_EQ(finish(writer).hash, hash_of_content("RIFF"));
}

}  // namespace
}  // namespace fechatter::file
