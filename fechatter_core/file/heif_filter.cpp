#include "fechatter_core/file/heif_filter.hpp"

#include <limits>

#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t box_head_size = 8;         // size, type
constexpr std::size_t large_box_head_size = 16;  // size 1, type, size of 8 bytes
constexpr std::size_t box_type_at = 4;
constexpr auto until_the_end = std::numeric_limits<std::uint64_t>::max();
constexpr std::string_view boxes_of_pictures[] = {"ftyp", "mdat", "moov", "moof"};

constexpr char box_zero_block[4096] = {};

bool holds_pictures(std::string_view type) {
  return std::find(std::begin(boxes_of_pictures), std::end(boxes_of_pictures), type) !=
         std::end(boxes_of_pictures);
}

}  // namespace

std::string_view HeifFilter::next(std::string_view& input) {
  switch (state_) {
    case State::head:
    case State::table: return gather(input);
    case State::passed: return pass(input);
    case State::zeroed: return zero(input);
    case State::over: break;
  }
  input = {};
  return {};
}

std::string_view HeifFilter::gather(std::string_view& input) {
  if (is_given_out_) gathered_.clear();
  is_given_out_ = false;
  gathered_ += cut_front(input, gathered_size_ - gathered_.size());
  if (gathered_.size() < gathered_size_) return {};
  return state_ == State::table ? end_table() : begin_box();
}

void HeifFilter::enter(State state, std::uint64_t left) {
  is_given_out_ = true;
  position_ += gathered_.size();
  state_ = left == 0 ? State::head : state;
  left_ = left;
  gathered_size_ = box_head_size;
}

void HeifFilter::advance(std::uint64_t count) {
  position_ += count;
  if (left_ == until_the_end) return;
  left_ -= count;
  if (left_ == 0) state_ = State::head;
}

std::string_view HeifFilter::over() {
  state_ = State::over;
  return {};
}

std::string_view HeifFilter::begin_box() {
  std::uint64_t size = big_endian_32(gathered_, 0);
  if (size == 1 && gathered_.size() == box_head_size) {
    gathered_size_ = large_box_head_size;
    return {};
  }
  if (size == 1) {
    size = std::uint64_t{big_endian_32(gathered_, 8)} << 32 | big_endian_32(gathered_, 12);
    if (size < large_box_head_size) return over();
  }
  const bool is_last = size == 0;
  if (!is_last && size < box_head_size) return over();
  const auto type = std::string_view{gathered_}.substr(box_type_at, 4);
  if (type == "meta" && !has_table_) return begin_table(size);
  const bool is_passed = holds_pictures(type);
  if (!is_passed) gathered_.replace(box_type_at, 4, "free");
  enter(is_passed ? State::passed : State::zeroed,
        is_last ? until_the_end : size - gathered_.size());
  return gathered_;
}

// Its head is a plain one in every file that decoders read.
std::string_view HeifFilter::begin_table(std::uint64_t size) {
  if (gathered_.size() != box_head_size || size <= box_head_size || size > table_bytes_max) {
    return over();
  }
  has_table_ = true;
  state_ = State::table;
  gathered_size_ = static_cast<std::size_t>(size);
  gathered_.reserve(gathered_size_);
  return {};
}

std::string_view HeifFilter::end_table() {
  const auto table = std::string_view{gathered_}.substr(box_head_size);
  auto ranges = heif::find_metadata(table);
  if (!ranges) return over();
  ranges_ = std::move(*ranges);
  overwrite_idat();
  enter(State::passed, 0);
  return gathered_;
}

void HeifFilter::overwrite_idat() {
  const auto table = std::string_view{gathered_}.substr(box_head_size);
  const auto idat = heif::find_idat(table);
  for (const auto& range : ranges_) {
    if (!range.is_in_idat || idat.empty()) continue;
    const auto idat_at = static_cast<std::size_t>(idat.data() - gathered_.data());
    const auto end = std::min<std::uint64_t>(range.end, idat.size());
    for (auto at = range.begin; at < end;) {
      const auto bytes = range.replacement(at, end - at);
      gathered_.replace(idat_at + at, bytes.size(), bytes);
      at += bytes.size();
    }
  }
  std::erase_if(ranges_, [](const auto& range) { return range.is_in_idat; });
}

std::string_view HeifFilter::pass(std::string_view& input) {
  while (range_ < ranges_.size() && ranges_[range_].end <= position_) ++range_;
  auto count = std::min<std::uint64_t>(left_, input.size());
  if (range_ < ranges_.size()) {
    const auto& range = ranges_[range_];
    if (range.begin <= position_) {
      const auto bytes = range.replacement(position_, count);
      cut_front(input, bytes.size());
      advance(bytes.size());
      return bytes;
    }
    count = std::min(count, range.begin - position_);
  }
  advance(count);
  return cut_front(input, count);
}

std::string_view HeifFilter::zero(std::string_view& input) {
  const auto count = std::min<std::uint64_t>({left_, input.size(), sizeof box_zero_block});
  cut_front(input, count);
  advance(count);
  return {box_zero_block, count};
}

}  // namespace fechatter::file
