#pragma once

#include <cstdint>
#include <string>

#include "fechatter_core/file/picture_filter.hpp"

namespace fechatter::file {

// JPEG. Removed: APP1 (EXIF, XMP), APP13 (IPTC), APP2 but for colour profiles, comments, every
// other APPn, thumbnails in JFIF, all that stands between scans without being needed, and what
// follows the end of the picture. Left: frames, tables and scans, byte for byte; JFIF, Adobe's
// APP14, colour profiles; of the first EXIF, its orientation when the picture is turned.
// Broken pictures: bytes where a marker should be are dropped, as libjpeg skips them. A segment of
// structure whose length contradicts its content, a second start, and a code that decoders refuse
// end what is stored, so that nothing hides in the length of a segment. Bytes of a scan pass
// unseen, up to its end. One segment (64 KiB) is in memory.
class JpegFilter final : public PictureFilter {
 public:
  std::string_view next(std::string_view& input) override;
  std::string_view finish() override;

 private:
  enum class State { start, marker, segment, scan, over };

  std::string_view find_marker(std::string_view& input);
  std::string_view pass_scan(std::string_view& input);
  std::string_view read_code(std::string_view& input);
  std::string_view begin(std::uint32_t code);
  std::string_view gather(std::string_view& input);
  std::string_view end_segment();
  std::string_view stored_of_application();
  std::string_view stored_of_exif();
  std::string_view shortened_to(std::size_t payload_size);
  std::string_view payload() const;

  State state_ = State::start;
  bool is_behind_ff_ = false;  // that byte came, and was not given out yet
  bool has_scan_ = false;
  bool has_exif_ = false;
  std::string segment_;  // from its FF on
};

}  // namespace fechatter::file
