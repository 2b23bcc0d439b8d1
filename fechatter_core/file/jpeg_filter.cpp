#include "fechatter_core/file/jpeg_filter.hpp"

#include "fechatter_core/file/exif_orientation.hpp"
#include "fechatter_core/file/jpeg_segment.hpp"
#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file {
namespace {

using namespace std::string_view_literals;

constexpr char ff = '\xff';
constexpr auto ff_alone = "\xff"sv;
constexpr std::size_t segment_head_size = 4;  // FF, code, length
constexpr std::size_t length_size = 2;        // counts itself

constexpr std::uint32_t application_1 = 0xe1;
constexpr std::uint32_t application_2 = 0xe2;
constexpr std::uint32_t application_14 = 0xee;

constexpr auto jfif = "JFIF\0"sv;
constexpr std::size_t jfif_size = 14;  // without a thumbnail
constexpr auto jpeg_exif = "Exif\0"sv;
constexpr std::size_t jpeg_exif_size = 6;  // a byte of any value follows
constexpr auto colour_profile = "ICC_PROFILE\0"sv;
constexpr auto adobe = "Adobe"sv;
constexpr std::size_t adobe_size = 12;

std::string_view cut_fill_bytes(std::string_view& input) {
  return cut_front(input, input.find_first_not_of(ff));
}

// Where the data of a scan in `input` ends: before an FF that ends it, or may do so.
std::size_t end_of_data(std::string_view input) {
  std::size_t at = 0;
  for (;;) {
    at = input.find(ff, at);
    if (at == input.npos || at + 1 == input.size()) return at;
    if (!jpeg::continues_scan(byte_at(input, at + 1))) return at;
    at += 2;
  }
}

}  // namespace

std::string_view JpegFilter::next(std::string_view& input) {
  switch (state_) {
    case State::start: state_ = State::marker; return cut_front(input, 2);
    case State::marker: return find_marker(input);
    case State::segment: return gather(input);
    case State::scan: return pass_scan(input);
    case State::over: break;
  }
  input = {};
  return {};
}

// Fill bytes are given out while another FF stands for the one that is held back. So the last one
// is, too, and the output is the same when it is filtered again.
std::string_view JpegFilter::finish() {
  return is_behind_ff_ ? ff_alone : std::string_view{};
}

std::string_view JpegFilter::find_marker(std::string_view& input) {
  if (is_behind_ff_) return read_code(input);
  const auto at = input.find(ff);
  is_behind_ff_ = at != input.npos;
  cut_front(input, is_behind_ff_ ? at + 1 : at);
  return {};
}

std::string_view JpegFilter::pass_scan(std::string_view& input) {
  if (is_behind_ff_) return read_code(input);
  const auto at = end_of_data(input);
  const auto data = cut_front(input, at);
  is_behind_ff_ = at != input.npos;
  if (is_behind_ff_) cut_front(input, 1);
  return data;
}

std::string_view JpegFilter::read_code(std::string_view& input) {
  if (input.front() == ff) return cut_fill_bytes(input);
  is_behind_ff_ = false;
  const auto code = byte_at(cut_front(input, 1), 0);
  if (state_ != State::scan || !jpeg::continues_scan(code)) return begin(code);
  segment_ = {ff, static_cast<char>(code)};
  return segment_;
}

std::string_view JpegFilter::begin(std::uint32_t code) {
  state_ = State::marker;
  if (code == 0 || jpeg::is_standalone(code)) return {};
  if (code == jpeg::comment || jpeg::is_application(code) || jpeg::is_structure(code)) {
    state_ = State::segment;
    segment_ = {ff, static_cast<char>(code)};
    return {};
  }
  state_ = State::over;
  return code == jpeg::end_of_image ? "\xff\xd9"sv : std::string_view{};
}

std::string_view JpegFilter::gather(std::string_view& input) {
  if (segment_.size() < segment_head_size) {
    segment_ += cut_front(input, segment_head_size - segment_.size());
    if (segment_.size() < segment_head_size) return {};
    // Decoders skip nothing for a length that is too short.
    if (big_endian_16(segment_, 2) <= length_size) return end_segment();
  }
  const auto size = big_endian_16(segment_, 2) + 2;
  segment_.reserve(size);
  segment_ += cut_front(input, size - segment_.size());
  return segment_.size() == size ? end_segment() : std::string_view{};
}

std::string_view JpegFilter::payload() const {
  return std::string_view{segment_}.substr(segment_head_size);
}

std::string_view JpegFilter::end_segment() {
  state_ = State::marker;
  const auto code = byte_at(segment_, 1);
  if (!jpeg::is_structure(code)) {
    return has_scan_ || code == jpeg::comment ? std::string_view{} : stored_of_application();
  }
  if (big_endian_16(segment_, 2) < length_size || !jpeg::has_its_size(code, payload())) {
    state_ = State::over;
    return {};
  }
  if (code == jpeg::start_of_scan) {
    state_ = State::scan;
    has_scan_ = true;
  }
  return segment_;
}

std::string_view JpegFilter::stored_of_application() {
  const auto content = payload();
  switch (byte_at(segment_, 1)) {
    case jpeg::application_0:
      if (!content.starts_with(jfif) || content.size() < jfif_size) return {};
      segment_.replace(segment_head_size + jfif_size - 2, 2, 2, '\0');  // no thumbnail
      return shortened_to(jfif_size);
    case application_1: return content.starts_with(jpeg_exif) ? stored_of_exif() : ""sv;
    case application_2: return content.starts_with(colour_profile) ? segment_ : ""sv;
    case application_14:
      if (!content.starts_with(adobe) || content.size() < adobe_size) return {};
      return shortened_to(adobe_size);
    default: return {};
  }
}

// Decoders read the first one only.
std::string_view JpegFilter::stored_of_exif() {
  if (has_exif_ || payload().size() < jpeg_exif_size) return {};
  has_exif_ = true;
  const auto orientation = orientation_of(payload().substr(jpeg_exif_size));
  if (orientation == upright) return {};
  segment_.replace(segment_head_size + jpeg_exif.size(), 1, 1, '\0');
  segment_.replace(segment_head_size + jpeg_exif_size, segment_.npos,
                   exif_of_orientation(orientation));
  return shortened_to(jpeg_exif_size + oriented_exif_size);
}

std::string_view JpegFilter::shortened_to(std::size_t payload_size) {
  segment_.resize(segment_head_size + payload_size);
  segment_[2] = 0;
  segment_[3] = static_cast<char>(length_size + payload_size);
  return segment_;
}

}  // namespace fechatter::file
