#include "fechatter_core/file/thumbnail.hpp"

namespace fechatter::file {

std::string name_suffix(Thumbnail thumbnail) {
  const auto* const ending = thumbnail.format == ThumbnailFormat::webp ? ".webp" : ".jpg";
  return '.' + std::to_string(thumbnail.size) + ending;
}

}  // namespace fechatter::file
