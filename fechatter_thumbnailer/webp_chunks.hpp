#pragma once

#include <string>
#include <string_view>

namespace fechatter::thumbnailer {

// A WebP file without EXIF, XMP and colour profile: libvips 8.14 writes EXIF of its own into each,
// also when it is told to write none. Pure. REQUIRES: `webp` is a whole file (RIFF, of chunks with
// a name, a size, and bytes to an even number); what is behind its last whole chunk is dropped.
std::string without_metadata_chunks(std::string_view webp);

}  // namespace fechatter::thumbnailer
