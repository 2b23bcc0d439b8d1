#pragma once

#include "fechatter_core/file/picture_report.hpp"

// Pictures, by libvips. One thread.
namespace fechatter::thumbnailer {

// Loads libvips with the loaders of JPEG, PNG, WebP, GIF, TIFF, HEIC and AVIF, as far as it has
// them, and blocks all others. Nothing is loaded or opened later. Throws std::runtime_error.
void start_vips();

// Reads the picture that the descriptor, a regular file, is open for. Its size is that of its
// header, and a picture of more than PictureReport::pixels_max is not decoded. Of an animated
// picture the first frame counts, and of a JPEG, PNG or GIF that is cut what is there. Thumbnails
// have the picture's orientation applied, are sRGB with 8 bits, carry no metadata, and are never
// larger than the picture; JPEG has white where the picture is transparent.
file::PictureReport describe_picture(int descriptor);

}  // namespace fechatter::thumbnailer
