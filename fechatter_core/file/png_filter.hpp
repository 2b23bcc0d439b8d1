#pragma once

#include <cstdint>
#include <string>

#include "fechatter_core/file/picture_filter.hpp"

namespace fechatter::file {

// PNG and APNG. Removed: texts (tEXt, zTXt, iTXt), tIME, every ancillary chunk that is not known to
// matter for what is seen, and what follows IEND. Left, byte for byte: IHDR, PLTE, IDAT, IEND, and
// CgBI of Apple; animations; transparency, background, size of a pixel, colours. Of the first eXIf,
// its orientation is left when the picture is turned.
// Broken pictures: chunks are stored after their CRC was compared; a wrong one, or a length that
// the type cannot have, drops an ancillary chunk and ends what is stored at a critical one, and so
// do a critical chunk that is not known and what is no chunk. Only the pixels (IDAT, fdAT) and the
// colour profile (iCCP) pass as they come, up to the end of their chunk. One chunk of 64 KiB at
// most is in memory.
class PngFilter final : public PictureFilter {
 public:
  std::string_view next(std::string_view& input) override;
  std::string_view finish() override { return {}; }

 private:
  enum class State { signature, head, passed, gathered, dropped, over };

  static State state_for(std::string_view type, std::uint32_t length);

  std::string_view gather_head(std::string_view& input);
  std::string_view begin_chunk();
  std::string_view cut_data(std::string_view& input);
  std::string_view end_chunk();
  std::string_view stored_of_exif();

  State state_ = State::signature;
  std::string chunk_;       // its head, or the whole of one that is gathered
  std::uint64_t left_ = 0;  // bytes of the chunk, with its CRC
  bool has_exif_ = false;
};

}  // namespace fechatter::file
