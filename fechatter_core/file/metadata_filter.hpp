#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fechatter_core/file/picture_filter.hpp"

namespace fechatter::file {

// Removes from a picture, while it arrives, what its viewers do not see: EXIF with the place and
// the thumbnail, XMP, IPTC, comments, and what is appended to it. The pixels are not touched, and
// how the picture is turned is kept. Each format has its rules, and says how much stays of a
// picture that is broken: JpegFilter, PngFilter, WebpFilter. The first bytes decide; everything
// else passes untouched: other files, and pictures of other formats (HEIC, AVIF and TIFF refer to
// metadata by its place in the file, which no stream can change; GIF). Filtering the output again
// changes nothing. At most 70 KiB are in memory, and most bytes are not copied. One upload's; one
// thread at a time:
//
//   filter.feed(piece);
//   for (auto kept = filter.next(); !kept.empty(); kept = filter.next()) store(kept);
//
// and after the last piece store(filter.finish()).
class MetadataFilter {
 public:
  MetadataFilter() = default;
  MetadataFilter(const MetadataFilter&) = delete;
  MetadataFilter& operator=(const MetadataFilter&) = delete;

  // The next bytes of the file, of any number. They outlive the bytes that are read from it.
  // REQUIRES: next() has returned nothing for the former piece.
  void feed(std::string_view piece) { piece_ = piece; }
  // What is to be stored next; nothing when the piece was read. Valid until the next call.
  std::string_view next();
  // What is to be stored behind all that. REQUIRES: next() has returned nothing.
  std::string_view finish();

 private:
  void look_at_head();

  std::string head_;         // gathered until the format is known
  std::string_view unread_;  // of the head
  std::string_view piece_;   // what was not read yet of it
  bool is_known_ = false;
  std::unique_ptr<PictureFilter> format_;  // null for what passes
};

}  // namespace fechatter::file
