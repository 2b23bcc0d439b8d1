#include "fechatter_thumbnailer/blurhash.hpp"

#include <gtest/gtest.h>

#include <array>

namespace fechatter::thumbnailer {
namespace {

using Rgb = std::array<int, 3>;

template <class ColourAt>
std::string hash_of(std::size_t width, std::size_t height, ColourAt colour_at) {
  std::string pixels;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const Rgb colour = colour_at(static_cast<int>(x), static_cast<int>(y));
      for (const int value : colour) pixels += static_cast<char>(value);
    }
  }
  return blurhash_of(pixels, width, height);
}

// Computed by another implementation of https://github.com/woltapp/blurhash, Algorithm.md.
TEST(Blurhash, IsTheOneOfTheAlgorithm) {
  EXPECT_EQ(hash_of(8, 8, [](int, int) { return Rgb{0, 0, 0}; }), "L00000fQfQfQfQfQfQfQfQfQfQfQ");
  EXPECT_EQ(hash_of(32, 32,
                    [](int, int) {
                      return Rgb{255, 255, 255};
                    }),
            "L9TSUA~qfQ~q~qoffQoffQfQfQfQ");
  EXPECT_EQ(hash_of(32, 16,
                    [](int x, int y) {
                      return Rgb{x * 8, y * 16, 128};
                    }),
            "LxH2TC2swxX8qRWDjtaggJfjfQfj");
}

TEST(Blurhash, OfOnePixelHasItsColour) {
  const auto hash = hash_of(1, 1, [](int, int) { return Rgb{200, 30, 90}; });
  EXPECT_EQ(hash, "L~M^#v|~|~|~|~|~|~|~|~|~|~|~");
}

TEST(Blurhash, OfATallPictureIsAnotherOneThanOfAWideOne) {
  const auto across = [](int x, int) { return Rgb{x * 8, 0, 0}; };
  const auto down = [](int, int y) { return Rgb{y * 8, 0, 0}; };
  EXPECT_NE(hash_of(32, 32, across), hash_of(32, 32, down));
  EXPECT_EQ(hash_of(32, 32, across).size(), 28U);
}

}  // namespace
}  // namespace fechatter::thumbnailer
