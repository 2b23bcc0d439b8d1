#include "fechatter_thumbnailer/blurhash.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace fechatter::thumbnailer {
namespace {

constexpr std::size_t components_across = 4;
constexpr std::size_t components_down = 3;
constexpr std::string_view base83_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
// An alternating component has 19 steps of each colour, 0 in their middle.
constexpr int steps = 19;

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
};

// The curve of sRGB (IEC 61966-2-1).
double to_linear(unsigned char value) {
  const double part = value / 255.0;
  return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
}

int to_srgb(double linear) {
  const double part = std::clamp(linear, 0.0, 1.0);
  const double curved = part <= 0.0031308 ? part * 12.92 : 1.055 * std::pow(part, 1 / 2.4) - 0.055;
  return static_cast<int>(std::lround(curved * 255));
}

std::array<double, 256> make_linear_values() {
  std::array<double, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = to_linear(static_cast<unsigned char>(i));
  }
  return values;
}

Colour linear_colour_at(const char* pixel) {
  static const auto values = make_linear_values();
  const auto of = [&](char byte) { return values[static_cast<unsigned char>(byte)]; };
  return {of(pixel[0]), of(pixel[1]), of(pixel[2])};
}

// The share of the wave with so many half periods across and down.
Colour component_of(std::string_view pixels, std::size_t width, std::size_t height,
                    std::size_t across, std::size_t down) {
  const auto wave = [](std::size_t frequency, std::size_t at, std::size_t length) {
    return std::cos(std::numbers::pi * static_cast<double>(frequency * at) /
                    static_cast<double>(length));
  };
  Colour sum;
  for (std::size_t y = 0; y < height; ++y) {
    const double of_row = wave(down, y, height);
    for (std::size_t x = 0; x < width; ++x) {
      const double factor = of_row * wave(across, x, width);
      const auto colour = linear_colour_at(pixels.data() + 3 * (y * width + x));
      sum.red += factor * colour.red;
      sum.green += factor * colour.green;
      sum.blue += factor * colour.blue;
    }
  }
  const double scale = (across + down == 0 ? 1.0 : 2.0) / static_cast<double>(width * height);
  return {sum.red * scale, sum.green * scale, sum.blue * scale};
}

void append_digits(std::string& text, int value, int count) {
  std::string digits(static_cast<std::size_t>(count), '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value /= 83) {
    *digit = base83_digits[static_cast<std::size_t>(value % 83)];
  }
  text += digits;
}

int mean_value(const Colour& mean) {
  return (to_srgb(mean.red) << 16) + (to_srgb(mean.green) << 8) + to_srgb(mean.blue);
}

// Small differences get more steps than large ones: the square root of the value.
int step_of(double value, double largest) {
  const double part = value / largest;
  const double curved = std::copysign(std::sqrt(std::abs(part)), part);
  return std::clamp(static_cast<int>(std::floor(curved * 9 + 9.5)), 0, steps - 1);
}

int alternating_value(const Colour& part, double largest) {
  return (step_of(part.red, largest) * steps + step_of(part.green, largest)) * steps +
         step_of(part.blue, largest);
}

}  // namespace

std::string blurhash_of(std::string_view pixels, std::size_t width, std::size_t height) {
  std::array<Colour, components_across * components_down> components;
  double largest = 0;
  for (std::size_t i = 0; i < components.size(); ++i) {
    auto& part = components[i];
    part = component_of(pixels, width, height, i % components_across, i / components_across);
    if (i == 0) continue;
    largest = std::max({largest, std::abs(part.red), std::abs(part.green), std::abs(part.blue)});
  }
  const int scale = std::clamp(static_cast<int>(std::floor(largest * 166 - 0.5)), 0, 82);
  std::string text;
  append_digits(text, components_across - 1 + (components_down - 1) * 9, 1);
  append_digits(text, scale, 1);
  append_digits(text, mean_value(components[0]), 4);
  for (std::size_t i = 1; i < components.size(); ++i) {
    append_digits(text, alternating_value(components[i], (scale + 1) / 166.0), 2);
  }
  return text;
}

}  // namespace fechatter::thumbnailer
