#include "fechatter_core/text/normal_form.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <stdexcept>

namespace fechatter {
namespace {

using Instance = const icu::Normalizer2*(UErrorCode&);

const icu::Normalizer2& require(Instance* instance) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* normalizer = instance(error);
  if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
  return *normalizer;
}

std::string normalized(const icu::Normalizer2& normalizer, std::string_view text) {
  std::string result;
  icu::StringByteSink<std::string> sink{&result};
  UErrorCode error = U_ZERO_ERROR;
  const icu::StringPiece piece{text.data(), static_cast<std::int32_t>(text.size())};
  normalizer.normalizeUTF8(0, piece, sink, nullptr, error);
  if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
  return result;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string composed(std::string_view text) {
  if (is_ascii(text)) return std::string{text};
  static const auto& nfc = require(&icu::Normalizer2::getNFCInstance);
  return normalized(nfc, text);
}

std::string case_folded(std::string_view text) {
  static const auto& nfd = require(&icu::Normalizer2::getNFDInstance);
  static const auto& nfkc_casefold = require(&icu::Normalizer2::getNFKCCasefoldInstance);
  return normalized(nfkc_casefold, is_ascii(text) ? std::string{text} : normalized(nfd, text));
}

}  // namespace fechatter
