#include "fechatter_core/file/picture_report.hpp"

#include <algorithm>

namespace fechatter::file {
namespace {

constexpr std::string_view report_magic = "FTR1";
constexpr std::size_t record_head_size = 5;
constexpr std::size_t blurhash_size_min = 6;
constexpr std::size_t blurhash_size_max = 40;

void append_number(std::string& to, std::uint32_t number) {
  for (const int shift : {24, 16, 8, 0}) to += static_cast<char>(number >> shift & 0xff);
}

void append_record(std::string& to, char kind, std::string_view bytes) {
  to += kind;
  append_number(to, static_cast<std::uint32_t>(bytes.size()));
  to += bytes;
}

// REQUIRES: four bytes.
std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4)) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

// Records from the first to the last one.
class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes) : bytes_{bytes} {}

  bool at_end() const { return bytes_.empty(); }
  bool is_next(char kind) const { return !bytes_.empty() && bytes_.front() == kind; }
  // The bytes of the next record when it is whole and of that kind.
  std::optional<std::string_view> take(char kind) {
    if (bytes_.size() < record_head_size || !is_next(kind)) return std::nullopt;
    const auto size = number_of(bytes_.substr(1));
    if (bytes_.size() - record_head_size < size) return std::nullopt;
    const auto record = bytes_.substr(record_head_size, size);
    bytes_.remove_prefix(record_head_size + size);
    return record;
  }

 private:
  std::string_view bytes_;
};

bool read_size(std::string_view record, PictureReport& report) {
  constexpr std::uint32_t edge_max = 0x7fffffff;
  if (record.size() != 8) return false;
  const auto width = number_of(record);
  const auto height = number_of(record.substr(4));
  if (width == 0 || height == 0 || width > edge_max || height > edge_max) return false;
  report.width = static_cast<std::int32_t>(width);
  report.height = static_cast<std::int32_t>(height);
  return true;
}

bool read_failure(std::string_view record, PictureReport& report) {
  if (record.size() != 1) return false;
  const auto failure = static_cast<PictureFailure>(record.front());
  if (failure == PictureFailure::none || failure > PictureFailure::damaged) return false;
  report.failure = failure;
  return true;
}

bool is_blurhash(std::string_view text) {
  constexpr std::string_view besides_letters = "#$%*+,-.:;=?@[]^_{|}~";
  const auto may_be_in_one = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           besides_letters.find(c) != std::string_view::npos;
  };
  return text.size() >= blurhash_size_min && text.size() <= blurhash_size_max &&
         std::all_of(text.begin(), text.end(), may_be_in_one);
}

bool begins_as(ThumbnailFormat format, std::string_view bytes) {
  if (format == ThumbnailFormat::jpeg) return bytes.starts_with("\xff\xd8\xff");
  return bytes.starts_with("RIFF") && bytes.substr(4).size() > 8 &&
         bytes.substr(8).starts_with("WEBP");
}

bool read_thumbnails(RecordReader& records, PictureReport& report) {
  const auto blurhash = records.take('H');
  if (!blurhash || !is_blurhash(*blurhash)) return false;
  report.blurhash = *blurhash;
  for (std::size_t i = 0; i < all_thumbnails.size(); ++i) {
    const auto thumbnail = records.take('T');
    if (!thumbnail || !begins_as(all_thumbnails[i].format, *thumbnail)) return false;
    report.thumbnails[i] = *thumbnail;
  }
  return std::int64_t{report.width} * report.height <= PictureReport::pixels_max;
}

bool read_report(RecordReader& records, PictureReport& report) {
  if (records.is_next('P')) {
    const auto size = records.take('P');
    if (!size || !read_size(*size, report)) return false;
  }
  if (records.is_next('F')) {
    const auto failure = records.take('F');
    return failure && read_failure(*failure, report);
  }
  return report.width > 0 && read_thumbnails(records, report);
}

}  // namespace

std::string_view to_string(PictureFailure failure) {
  switch (failure) {
    case PictureFailure::none: return "none";
    case PictureFailure::not_a_picture: return "it is no picture of a supported kind";
    case PictureFailure::too_many_pixels: return "it has too many pixels";
    case PictureFailure::damaged: return "it is damaged";
  }
  return "unknown";
}

std::string to_frames(const PictureReport& report) {
  std::string frames{report_magic};
  if (report.width > 0) {
    std::string size;
    append_number(size, static_cast<std::uint32_t>(report.width));
    append_number(size, static_cast<std::uint32_t>(report.height));
    append_record(frames, 'P', size);
  }
  if (report.failure != PictureFailure::none) {
    append_record(frames, 'F', std::string(1, static_cast<char>(report.failure)));
    return frames;
  }
  append_record(frames, 'H', report.blurhash);
  for (const auto& thumbnail : report.thumbnails) append_record(frames, 'T', thumbnail);
  return frames;
}

std::optional<PictureReport> parse_frames(std::string_view bytes) {
  if (bytes.size() > PictureReport::bytes_max || !bytes.starts_with(report_magic)) {
    return std::nullopt;
  }
  RecordReader records{bytes.substr(report_magic.size())};
  PictureReport report;
  if (!read_report(records, report) || !records.at_end()) return std::nullopt;
  return report;
}

}  // namespace fechatter::file
