#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fechatter::thumbnailer {

// A few characters that show a picture's colours until the picture is there: its lowest frequencies
// (a cosine transform of linear light), 4 across and 3 down, as a BlurHash (https://blurha.sh):
// one character for the number of components, one for the largest of them, four for the mean
// colour, and two for each other component, digits of base 83, 28 in all.
//
// `pixels` has width × height of them in rows, three bytes each: red, green, blue of sRGB. Takes
// time for each pixel, so that a small picture is enough. Pure. REQUIRES: at least one pixel.
std::string blurhash_of(std::string_view pixels, std::size_t width, std::size_t height);

}  // namespace fechatter::thumbnailer
