#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fechatter_core/file/picture_filter.hpp"

namespace fechatter::file {

// WebP. Sizes stand in front, so that nothing is removed but what follows the end of the picture;
// metadata is overwritten: the chunk EXIF has its orientation and zeros, whatever the picture's;
// "XMP " and every chunk that is not known become JUNK, a chunk of zeros, inside the frames of
// animations, too, and the flag for XMP is cleared. Left, byte for byte: everything else.
// Broken pictures: a chunk that is longer than its frame or the file says, and VP8X, ANIM or ANMF
// of a size that it cannot have, ends what is stored. The bytes of images, transparency and colour
// profiles pass unseen, up to the end of their chunk. 64 KiB of a chunk are in memory.
class WebpFilter final : public PictureFilter {
 public:
  std::string_view next(std::string_view& input) override;
  std::string_view finish() override { return {}; }

 private:
  enum class State { file, head, canvas, exif, passed, zeroed, over };

  std::string_view gather(std::string_view& input);
  std::string_view begin_file();
  std::string_view begin_chunk();
  std::string_view begin_known(std::string_view type, std::uint64_t size, std::uint64_t padded);
  std::string_view begin_exif(std::uint64_t padded);
  std::string_view end_canvas();
  std::string_view end_exif();
  std::string_view over();
  void enter(State state, std::uint64_t left);
  void end_chunk();
  void use(std::uint64_t count);
  std::uint64_t room() const { return frame_left_ ? *frame_left_ : file_left_; }

  State state_ = State::file;
  std::string gathered_;
  std::size_t gathered_size_ = 12;  // that it is to have
  bool is_given_out_ = false;
  std::uint64_t left_ = 0;                   // bytes of the chunk, with its padding
  std::uint64_t file_left_ = 0;              // bytes behind this chunk
  std::optional<std::uint64_t> frame_left_;  // of them in the frame of an animation
};

}  // namespace fechatter::file
