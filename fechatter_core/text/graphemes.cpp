#include "fechatter_core/text/graphemes.hpp"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <stdexcept>

namespace fechatter {

struct Graphemes::Iterator {
  explicit Iterator(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    utext_openUTF8(&bytes, text.data(), static_cast<std::int64_t>(text.size()), &error);
    breaks.reset(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
    if (U_SUCCESS(error)) breaks->setText(&bytes, error);
    if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
  }
  ~Iterator() {
    breaks.reset();
    utext_close(&bytes);
  }
  Iterator(const Iterator&) = delete;
  Iterator& operator=(const Iterator&) = delete;

  UText bytes = UTEXT_INITIALIZER;
  std::unique_ptr<icu::BreakIterator> breaks;
};

Graphemes::Graphemes(std::string_view text) : text_{text} {}
Graphemes::~Graphemes() = default;

std::size_t Graphemes::border_before(std::size_t at) {
  if (is_plain(at)) return at;
  auto& breaks = *iterator().breaks;
  const auto place = static_cast<std::int32_t>(at);
  return static_cast<std::size_t>(breaks.isBoundary(place) ? place : breaks.preceding(place));
}

std::size_t Graphemes::border_behind(std::size_t at) {
  if (is_plain(at)) return at;
  auto& breaks = *iterator().breaks;
  const auto place = static_cast<std::int32_t>(at);
  return static_cast<std::size_t>(breaks.isBoundary(place) ? place : breaks.following(place));
}

bool Graphemes::is_plain(std::size_t at) const {
  if (at == 0 || at >= text_.size()) return true;
  const auto is_ascii = [&](std::size_t i) { return static_cast<unsigned char>(text_[i]) < 0x80; };
  return is_ascii(at - 1) && is_ascii(at) && text_[at] != '\n';
}

Graphemes::Iterator& Graphemes::iterator() {
  if (!iterator_) iterator_ = std::make_unique<Iterator>(text_);
  return *iterator_;
}

}  // namespace fechatter
