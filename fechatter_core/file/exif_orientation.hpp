#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// The one thing of EXIF that a picture cannot do without: how it is turned. Pure; any thread.
namespace fechatter::file {

inline constexpr int upright = 1;                      // of the orientations 1..8 of EXIF
inline constexpr std::size_t oriented_exif_size = 26;  // bytes

// What the first directory of a TIFF block (EXIF without "Exif\0\0") says, as browsers read it: a
// SHORT, once. `upright` when it says nothing, or the block is broken.
int orientation_of(std::string_view tiff);

// A TIFF block that says it, and nothing else.
std::string exif_of_orientation(int orientation);

}  // namespace fechatter::file
