#include "fechatter_core/file/png_filter.hpp"

#include "fechatter_core/file/exif_orientation.hpp"
#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t png_signature_size = 8;
constexpr std::size_t png_head_size = 8;  // length, type
constexpr std::size_t png_crc_size = 4;
constexpr std::uint32_t png_length_max = 0x7fffffff;

constexpr std::string_view passed_types[] = {"IDAT", "fdAT", "iCCP"};

struct GatheredType {
  std::string_view type;
  std::uint32_t length_max;  // bytes
};

constexpr GatheredType gathered_types[] = {
    {"IHDR", 13}, {"PLTE", 3 * 256}, {"IEND", 0}, {"CgBI", 4},  {"tRNS", 256},
    {"gAMA", 4},  {"cHRM", 32},      {"sRGB", 1}, {"sBIT", 4},  {"bKGD", 6},
    {"pHYs", 9},  {"hIST", 2 * 256}, {"acTL", 8}, {"fcTL", 26}, {"cICP", 4},
    {"mDCV", 24}, {"mDCv", 24},      {"cLLI", 8}, {"cLLi", 8},  {"eXIf", 64 * 1024},
};

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_critical(std::string_view type) {
  return type[0] >= 'A' && type[0] <= 'Z';
}

std::uint32_t png_crc(std::string_view bytes) {
  constexpr std::uint32_t polynomial = 0xedb88320;
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    crc ^= byte_at(bytes, i);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
  }
  return ~crc;
}

std::string png_chunk(std::string_view type, std::string_view data) {
  std::string typed{type};
  typed += data;
  return big_endian_text(static_cast<std::uint32_t>(data.size())) + typed +
         big_endian_text(png_crc(typed));
}

}  // namespace

PngFilter::State PngFilter::state_for(std::string_view type, std::uint32_t length) {
  if (length > png_length_max || !std::all_of(type.begin(), type.end(), is_letter)) {
    return State::over;
  }
  if (std::find(std::begin(passed_types), std::end(passed_types), type) != std::end(passed_types)) {
    return State::passed;
  }
  for (const auto& known : gathered_types) {
    if (known.type == type && length <= known.length_max) return State::gathered;
  }
  return is_critical(type) ? State::over : State::dropped;
}

std::string_view PngFilter::next(std::string_view& input) {
  switch (state_) {
    case State::signature: state_ = State::head; return cut_front(input, png_signature_size);
    case State::head: return gather_head(input);
    case State::passed: return cut_data(input);
    case State::dropped: cut_data(input); return {};
    case State::gathered:
      chunk_ += cut_data(input);
      return state_ == State::head ? end_chunk() : std::string_view{};
    case State::over: break;
  }
  input = {};
  return {};
}

std::string_view PngFilter::gather_head(std::string_view& input) {
  // The former chunk was given out, and is not needed any more.
  if (chunk_.size() >= png_head_size) chunk_.clear();
  chunk_ += cut_front(input, png_head_size - chunk_.size());
  return chunk_.size() == png_head_size ? begin_chunk() : std::string_view{};
}

std::string_view PngFilter::begin_chunk() {
  const auto length = big_endian_32(chunk_, 0);
  state_ = state_for(std::string_view{chunk_}.substr(4), length);
  left_ = std::uint64_t{length} + png_crc_size;
  if (state_ == State::gathered) chunk_.reserve(png_head_size + left_);
  return state_ == State::passed ? chunk_ : std::string_view{};
}

std::string_view PngFilter::cut_data(std::string_view& input) {
  const auto data = cut_front(input, left_);
  left_ -= data.size();
  if (left_ == 0) state_ = State::head;
  return data;
}

std::string_view PngFilter::end_chunk() {
  const std::string_view chunk{chunk_};
  const auto type = chunk.substr(4, 4);
  const auto crc_at = chunk.size() - png_crc_size;
  if (png_crc(chunk.substr(4, crc_at - 4)) != big_endian_32(chunk, crc_at)) {
    if (is_critical(type)) state_ = State::over;
    return {};
  }
  if (type == "IEND") state_ = State::over;
  return type == "eXIf" ? stored_of_exif() : chunk;
}

// Decoders read the first one only.
std::string_view PngFilter::stored_of_exif() {
  if (has_exif_) return {};
  has_exif_ = true;
  const auto data = std::string_view{chunk_}.substr(png_head_size);
  const auto orientation = orientation_of(data.substr(0, data.size() - png_crc_size));
  if (orientation == upright) return {};
  chunk_ = png_chunk("eXIf", exif_of_orientation(orientation));
  return chunk_;
}

}  // namespace fechatter::file
