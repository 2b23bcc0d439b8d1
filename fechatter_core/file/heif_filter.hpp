#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fechatter_core/file/heif_items.hpp"
#include "fechatter_core/file/picture_filter.hpp"

namespace fechatter::file {

// HEIC and AVIF. A table in front (the box meta) names the places of pixels and of metadata, so
// that nothing is removed: the bytes of EXIF (how the picture is turned is not in there), of XMP
// and of other texts are overwritten, and all boxes but those that hold pictures become free, a box
// of zeros: the video of a moving photograph, too. Left: the pixels, thumbnails that are pictures
// of their own, the boxes of sequences (moov). Broken pictures: a table that is larger than 64 KiB,
// contradicts itself, or does not say where metadata is, and a box of a size that no box has, end
// what is stored. In a file that has its table behind the pixels, metadata before the table stays.
// 64 KiB and the places of metadata are in memory.
class HeifFilter final : public PictureFilter {
 public:
  static constexpr std::uint64_t table_bytes_max = 64 * 1024;

  std::string_view next(std::string_view& input) override;
  std::string_view finish() override { return {}; }

 private:
  enum class State { head, table, passed, zeroed, over };

  std::string_view gather(std::string_view& input);
  std::string_view begin_box();
  std::string_view begin_table(std::uint64_t size);
  std::string_view end_table();
  std::string_view over();
  std::string_view pass(std::string_view& input);
  std::string_view zero(std::string_view& input);
  void enter(State state, std::uint64_t left);
  void advance(std::uint64_t count);
  void overwrite_idat();

  State state_ = State::head;
  std::string gathered_;
  std::size_t gathered_size_ = 8;  // that it is to have
  bool is_given_out_ = false;
  bool has_table_ = false;
  std::uint64_t left_ = 0;      // bytes of the box
  std::uint64_t position_ = 0;  // of the next byte in the file
  std::vector<heif::MetadataRange> ranges_;
  std::size_t range_ = 0;  // the next of them
};

}  // namespace fechatter::file
