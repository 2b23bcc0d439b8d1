#include <string>

#include "fechatter_core/file/picture_report.hpp"
#include "tests/fuzz/fuzz.hpp"

// What a process that has decoded a hostile picture can say to the server.
namespace fechatter::fuzz {
namespace {

using file::PictureFailure;
using file::PictureReport;

void check_blurhash(const std::string& blurhash) {
  require(blurhash.size() <= 40, "a blurhash is short");
  require(blurhash.find_first_of("\"\\<>&' \n") == blurhash.npos, "and harmless in JSON and HTML");
}

void check_thumbnails(const PictureReport& report) {
  require(report.width > 0 && report.height > 0, "a picture with thumbnails has a size");
  require(std::int64_t{report.width} * report.height <= PictureReport::pixels_max,
          "which is limited");
  check_blurhash(report.blurhash);
  for (std::size_t i = 0; i < report.thumbnails.size(); ++i) {
    const bool is_webp = file::all_thumbnails[i].format == file::ThumbnailFormat::webp;
    require(report.thumbnails[i].starts_with(is_webp ? "RIFF" : "\xff\xd8\xff"),
            "a thumbnail begins as its format does");
  }
}

void check_report(std::string_view frames) {
  const auto report = file::parse_frames(frames);
  if (!report) return;
  require(to_frames(*report) == frames, "a report has one spelling");
  require(!to_string(report->failure).empty(), "a failure is a known one");
  if (report->failure == PictureFailure::none) check_thumbnails(*report);
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fechatter::fuzz::check_report(fechatter::fuzz::text_of(data, size));
  return 0;
}
