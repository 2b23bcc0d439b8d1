#include "fechatter_core/file/webp_filter.hpp"

#include "fechatter_core/file/exif_orientation.hpp"
#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t webp_head_size = 8;  // of a chunk: type, size
constexpr std::size_t webp_type_size = 4;
constexpr std::size_t canvas_size = 10;      // VP8X
constexpr std::size_t animation_size = 6;    // ANIM
constexpr std::size_t frame_head_size = 16;  // of ANMF, before its chunks
constexpr std::size_t exif_gathered_max = 64 * 1024;
constexpr char xmp_flag = 0x04;
constexpr std::string_view webp_junk = "JUNK";
constexpr std::string_view tiff_prefix{"Exif\0\0", 6};  // some programs write it

constexpr std::string_view image_types[] = {"VP8 ", "VP8L", "ALPH", "ICCP"};

constexpr char zero_block[4096] = {};
constexpr std::string_view zeros{zero_block, sizeof zero_block};

bool is_image(std::string_view type) {
  return std::find(std::begin(image_types), std::end(image_types), type) != std::end(image_types);
}

}  // namespace

std::string_view WebpFilter::next(std::string_view& input) {
  switch (state_) {
    case State::file:
    case State::head:
    case State::canvas:
    case State::exif: return gather(input);
    case State::passed:
    case State::zeroed: {
      const bool is_passed = state_ == State::passed;
      const auto bytes = cut_front(input, is_passed ? left_ : std::min(left_, sizeof zero_block));
      left_ -= bytes.size();
      if (left_ == 0) end_chunk();
      return is_passed ? bytes : zeros.substr(0, bytes.size());
    }
    case State::over: break;
  }
  input = {};
  return {};
}

std::string_view WebpFilter::gather(std::string_view& input) {
  if (is_given_out_) gathered_.clear();
  is_given_out_ = false;
  gathered_.reserve(gathered_size_);
  gathered_ += cut_front(input, gathered_size_ - gathered_.size());
  if (gathered_.size() < gathered_size_) return {};
  switch (state_) {
    case State::file: return begin_file();
    case State::canvas: return end_canvas();
    case State::exif: return end_exif();
    default: return begin_chunk();
  }
}

std::string_view WebpFilter::over() {
  state_ = State::over;
  return {};
}

// The size counts what is behind it, the first type as well.
std::string_view WebpFilter::begin_file() {
  const auto size = little_endian_32(gathered_, webp_type_size);
  file_left_ = size < webp_type_size ? 0 : size - webp_type_size;
  end_chunk();
  return gathered_;
}

void WebpFilter::end_chunk() {
  if (frame_left_ == 0U) frame_left_.reset();
  state_ = room() < webp_head_size ? State::over : State::head;
  gathered_size_ = webp_head_size;
  is_given_out_ = true;
}

void WebpFilter::use(std::uint64_t count) {
  file_left_ -= count;
  if (frame_left_) *frame_left_ -= count;
}

void WebpFilter::enter(State state, std::uint64_t left) {
  state_ = state;
  left_ = left;
  if (left == 0) end_chunk();
}

std::string_view WebpFilter::begin_chunk() {
  use(webp_head_size);
  const std::uint64_t size = little_endian_32(gathered_, webp_type_size);
  if (size > room()) return over();
  // Some programs leave out the last padding.
  const auto padded = std::min(size + size % 2, room());
  const auto type = std::string_view{gathered_}.substr(0, webp_type_size);
  return begin_known(type, size, padded);
}

std::string_view WebpFilter::begin_known(std::string_view type, std::uint64_t size,
                                         std::uint64_t padded) {
  if (type == "ANMF" && !frame_left_) {
    if (size < frame_head_size) return over();
    use(frame_head_size);
    frame_left_ = padded - frame_head_size;
    enter(State::passed, frame_head_size);
    return gathered_;
  }
  if ((type == "VP8X" && size != canvas_size) || (type == "ANIM" && size != animation_size)) {
    return over();
  }
  use(padded);
  if (type == "EXIF") return begin_exif(padded);
  if (type == "VP8X") {
    state_ = State::canvas;
    gathered_size_ = webp_head_size + canvas_size;
    return {};
  }
  const bool is_passed = is_image(type) || type == "ANIM";
  if (!is_passed) gathered_.replace(0, webp_type_size, webp_junk);
  enter(is_passed ? State::passed : State::zeroed, padded);
  return gathered_;
}

std::string_view WebpFilter::begin_exif(std::uint64_t padded) {
  const auto gathered = std::min<std::uint64_t>(padded, exif_gathered_max);
  left_ = padded - gathered;
  state_ = State::exif;
  gathered_size_ = webp_head_size + gathered;
  return gathered == 0 ? end_exif() : std::string_view{};
}

std::string_view WebpFilter::end_canvas() {
  gathered_[webp_head_size] &= static_cast<char>(~xmp_flag);
  end_chunk();
  return gathered_;
}

// The flag for EXIF is in front, and says that there is such a chunk: it stays one.
std::string_view WebpFilter::end_exif() {
  const auto padded = gathered_.size() - webp_head_size;
  const std::size_t size = little_endian_32(gathered_, webp_type_size);
  auto tiff = std::string_view{gathered_}.substr(webp_head_size, size);
  if (tiff.starts_with(tiff_prefix)) tiff.remove_prefix(tiff_prefix.size());
  const auto oriented = exif_of_orientation(orientation_of(tiff));
  gathered_.replace(webp_head_size, padded, padded, '\0');
  if (size >= oriented.size()) gathered_.replace(webp_head_size, oriented.size(), oriented);
  enter(State::zeroed, left_);
  return gathered_;
}

}  // namespace fechatter::file
