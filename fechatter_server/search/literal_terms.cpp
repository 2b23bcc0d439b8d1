#include "fechatter_server/search/literal_terms.hpp"

#include <unicode/uchar.h>

#include <algorithm>

namespace fechatter::server {
namespace {

using Characters = std::vector<FoldedCharacter>;

// As keyboards write them.
char32_t plain_sign(char32_t code) {
  switch (code) {
    case 0x2018:
    case 0x2019:
    case 0x201b:
    case 0x02bc:
    case 0x2032: return U'\'';
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x2033:
    case 0x00ab:
    case 0x00bb: return U'"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212: return U'-';
    default: return code;
  }
}

bool is_word(const FoldedCharacter& character) {
  return character.kind != CharacterKind::separator && character.kind != CharacterKind::gram &&
         character.kind != CharacterKind::emoji;
}

bool is_sign(const FoldedCharacter& character) {
  return character.kind == CharacterKind::separator && character.code != U' ';
}

std::string_view without_sentence(const SearchTerm& term) {
  std::string_view text = term.text;
  if (term.kind == SearchTerm::Kind::phrase || term.excluded) return text;
  constexpr std::string_view punctuation = ".,;:!?()'\"";
  const auto begin = std::min(text.find_first_not_of(punctuation), text.size());
  const auto end = text.find_last_not_of(punctuation);
  return end == std::string_view::npos ? std::string_view{} : text.substr(begin, end + 1 - begin);
}

}  // namespace

Characters folded_literally(std::string_view text) {
  Characters folded;
  folded.reserve(text.size());
  Folding folding{text};
  Characters piece;
  while (folding.next(piece)) {
    for (auto character : piece) {
      const bool is_blank = u_isUWhiteSpace(static_cast<UChar32>(character.code));
      character.code = is_blank ? U' ' : plain_sign(character.code);
      if (is_blank && !folded.empty() && folded.back().code == U' ') continue;
      folded.push_back(character);
    }
  }
  return folded;
}

bool is_literal(const SearchTerm& term) {
  const auto folded = folded_literally(without_sentence(term));
  return std::any_of(folded.begin(), folded.end(), is_sign);
}

LiteralTerm::LiteralTerm(const SearchTerm& term)
    : term_{term}, characters_{folded_literally(without_sentence(term))} {
  const auto is_blank = [](const FoldedCharacter& character) { return character.code == U' '; };
  if (is_blank(characters_.front())) characters_.erase(characters_.begin());
  if (is_blank(characters_.back())) characters_.pop_back();
}

std::vector<TextMatch> LiteralTerm::matches_in(const Characters& text) const {
  std::vector<TextMatch> found;
  const auto is_same = [](const auto& a, const auto& b) { return a.code == b.code; };
  const bool begins_word = is_word(characters_.front());
  for (auto at = text.begin(); at != text.end(); ++at) {
    at = std::search(at, text.end(), characters_.begin(), characters_.end(), is_same);
    if (at == text.end()) break;
    const auto begin = static_cast<std::size_t>(at - text.begin());
    const auto end = begin + characters_.size();
    const bool within_word = begins_word && begin > 0 && is_word(text[begin - 1]);
    if (within_word || !ends_word_at(text, end)) continue;
    found.push_back({text[begin].begin, text[end - 1].end});
  }
  return found;
}

// The last word of a query may be the beginning of one.
bool LiteralTerm::ends_word_at(const Characters& text, std::size_t at) const {
  const bool is_open = term_.kind == SearchTerm::Kind::prefix || !is_word(characters_.back());
  return is_open || at == text.size() || !is_word(text[at]);
}

LiteralTerms::LiteralTerms(const std::vector<SearchTerm>& terms) {
  for (const auto& term : terms) {
    if (is_literal(term)) terms_.emplace_back(term);
  }
}

LiteralVerdict LiteralTerms::judge(std::string_view text) const {
  const auto folded = folded_literally(text);
  LiteralVerdict verdict{true, true};
  for (const auto& literal : terms_) {
    const bool is_there = !literal.matches_in(folded).empty();
    const auto& term = literal.term();
    const bool is_condition = term.excluded || term.kind == SearchTerm::Kind::phrase;
    if (is_condition && is_there == term.excluded) verdict.matches = false;
    if (!is_condition && !is_there) verdict.holds_all = false;
  }
  return verdict;
}

}  // namespace fechatter::server
