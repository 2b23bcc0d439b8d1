#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/file/file_url.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter {

// Of a picture, after its orientation was applied.
struct PixelSize {
  std::int32_t width = 0;
  std::int32_t height = 0;

  friend bool operator==(const PixelSize&, const PixelSize&) = default;
};

// What a finished upload is, before it has a name.
struct NewFile {
  file::FileKey key;
  std::string media_type;  // by its content, 3 to 100 bytes
  std::int64_t size = 0;   // bytes, at least one
};

// Of the thumbnails that are made of a picture.
enum class ThumbnailState {
  none,     // it is no picture
  pending,  // a server makes them, or is about to
  ready,
  failed  // for good
};

// A file as a user sees it.
struct File {
  FileId id;
  file::FileKey key;
  std::string name;  // as the user has uploaded it, or as a message that the user may read names it
  std::string media_type;
  std::int64_t size = 0;  // bytes
  std::optional<PixelSize> pixels;
  // Of an upload; a file that is looked up by its key does not have these two.
  ThumbnailState thumbnails = ThumbnailState::none;
  std::optional<std::string> blurhash;  // when ready
};

// A user's upload of a file; uploading the same content again renews it.
struct Upload {
  UploadId id;
  File file;
  Timestamp created_at;
};

}  // namespace fechatter
