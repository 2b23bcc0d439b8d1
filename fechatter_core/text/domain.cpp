#include "fechatter_core/text/domain.hpp"

#include <unicode/bytestream.h>
#include <unicode/idna.h>

#include <memory>
#include <stdexcept>

namespace fechatter {
namespace {

constexpr std::size_t length_max = 253;  // RFC 1035, without the root

const icu::IDNA& idna() {
  static const std::unique_ptr<icu::IDNA> instance = [] {
    UErrorCode error = U_ZERO_ERROR;
    constexpr std::uint32_t rules = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                    UIDNA_NONTRANSITIONAL_TO_ASCII;
    std::unique_ptr<icu::IDNA> made{icu::IDNA::createUTS46Instance(rules, error)};
    if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
    return made;
  }();
  return *instance;
}

}  // namespace

std::optional<std::string> domain_key(std::string_view typed) {
  // Four bytes a character, and mapping never shortens a name to less than a third.
  if (typed.empty() || typed.size() > 12 * length_max) return std::nullopt;
  std::string ascii;
  icu::StringByteSink<std::string> sink{&ascii};
  icu::IDNAInfo info;
  UErrorCode error = U_ZERO_ERROR;
  const icu::StringPiece piece{typed.data(), static_cast<std::int32_t>(typed.size())};
  idna().nameToASCII_UTF8(piece, sink, info, error);
  if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
  // Hyphens in the third and fourth place are in use: r3---sn-x.example.
  const auto errors = info.getErrors() & ~std::uint32_t{UIDNA_ERROR_HYPHEN_3_4};
  const bool is_name =
      errors == 0 && !ascii.empty() && ascii.size() <= length_max && !ascii.ends_with('.');
  return is_name ? std::optional{std::move(ascii)} : std::nullopt;
}

}  // namespace fechatter
