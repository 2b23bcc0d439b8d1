#include "fechatter_core/file/metadata_filter.hpp"

#include "fechatter_core/file/heif_filter.hpp"
#include "fechatter_core/file/jpeg_filter.hpp"
#include "fechatter_core/file/picture_bytes.hpp"
#include "fechatter_core/file/png_filter.hpp"
#include "fechatter_core/file/webp_filter.hpp"

namespace fechatter::file {
namespace {

template <class Filter>
std::unique_ptr<PictureFilter> make_filter(std::string_view) {
  return std::make_unique<Filter>();
}

// FF F7 begins JPEG-LS, a format of its own.
std::unique_ptr<PictureFilter> make_jpeg_filter(std::string_view head) {
  if (head.back() == '\xf7') return nullptr;
  return std::make_unique<JpegFilter>();
}

struct Signature {
  std::string_view pattern;  // "?" is any byte
  std::unique_ptr<PictureFilter> (*make)(std::string_view head);

  bool begins_with(std::string_view head) const {
    for (std::size_t i = 0; i < std::min(head.size(), pattern.size()); ++i) {
      if (pattern[i] != '?' && pattern[i] != head[i]) return false;
    }
    return true;
  }
};

constexpr Signature signatures[] = {
    {"\xff\xd8\xff?", make_jpeg_filter},       {"\x89PNG\r\n\x1a\n", make_filter<PngFilter>},
    {"RIFF????WEBP", make_filter<WebpFilter>}, {"????ftypheic", make_filter<HeifFilter>},
    {"????ftypheix", make_filter<HeifFilter>}, {"????ftypheim", make_filter<HeifFilter>},
    {"????ftypheis", make_filter<HeifFilter>}, {"????ftyphevc", make_filter<HeifFilter>},
    {"????ftyphevx", make_filter<HeifFilter>}, {"????ftypmif1", make_filter<HeifFilter>},
    {"????ftypmsf1", make_filter<HeifFilter>}, {"????ftypavif", make_filter<HeifFilter>},
    {"????ftypavis", make_filter<HeifFilter>},
};

}  // namespace

void MetadataFilter::look_at_head() {
  bool may_be_picture = false;
  for (const auto& signature : signatures) {
    if (!signature.begins_with(head_)) continue;
    may_be_picture = true;
    if (head_.size() < signature.pattern.size()) continue;
    is_known_ = true;
    format_ = signature.make(head_);
  }
  if (!may_be_picture) is_known_ = true;
  if (is_known_) unread_ = head_;
}

std::string_view MetadataFilter::next() {
  while (!is_known_ && !piece_.empty()) {
    head_ += cut_front(piece_, 1);
    look_at_head();
  }
  if (!is_known_) return {};
  for (;;) {
    auto& input = unread_.empty() ? piece_ : unread_;
    if (input.empty()) return {};
    const auto kept = format_ ? format_->next(input) : cut_front(input, input.size());
    if (!kept.empty()) return kept;
  }
}

std::string_view MetadataFilter::finish() {
  if (!is_known_) return head_;
  return format_ ? format_->finish() : std::string_view{};
}

}  // namespace fechatter::file
