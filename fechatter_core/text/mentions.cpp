#include "fechatter_core/text/mentions.hpp"

#include <algorithm>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_core/text/name.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter {
namespace {

constexpr std::size_t name_length_max = 50;  // grapheme clusters; no full name has more
constexpr std::size_t name_bytes_max = 400;  // of their spelling
constexpr std::size_t keys_bytes_max = 32 * 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Words of scripts without spaces have no borders that are to be seen.
enum class Neighbour { word, gram, other };

Neighbour neighbour_of(char32_t code) {
  switch (kind_of(code)) {
    case CharacterKind::gram: return Neighbour::gram;
    case CharacterKind::separator:
    case CharacterKind::emoji: return code == U'_' ? Neighbour::word : Neighbour::other;
    default: return Neighbour::word;
  }
}

char32_t character_at(std::string_view text, std::size_t at) {
  return next_character(text, at);
}

char32_t character_before(std::string_view text, std::size_t at) {
  do {
    --at;
  } while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  return character_at(text, at);
}

bool cuts_word(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size()) return false;
  return neighbour_of(character_before(text, at)) == Neighbour::word &&
         neighbour_of(character_at(text, at)) == Neighbour::word;
}

// Whether an "@" there begins a word of its own, and is no part of an address or a path.
bool begins_mention(std::string_view text, std::size_t at) {
  constexpr std::u32string_view joining = U"@/\\.=&#%+-~";
  if (at == 0) return true;
  const auto before = character_before(text, at);
  return neighbour_of(before) != Neighbour::word &&
         joining.find(before) == std::u32string_view::npos;
}

bool begins_line(std::string_view text, std::size_t at) {
  constexpr std::size_t indent_max = 3;
  const auto spaces = std::min(at, indent_max + 1);
  for (std::size_t i = 1; i <= spaces; ++i) {
    if (text[at - i] == '\n' || text[at - i] == '\r') return true;
    if (text[at - i] != ' ') return false;
  }
  return at <= indent_max;
}

std::size_t run_length(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(text[at], at), text.size()) - at;
}

// Behind the code that the backticks at `at` begin; behind the backticks when they begin none.
std::size_t skip_code(std::string_view text, std::size_t at) {
  constexpr std::size_t fence_length = 3;
  const auto length = run_length(text, at);
  const bool is_fence = length >= fence_length && begins_line(text, at);
  for (auto next = text.find('`', at + length); next != std::string_view::npos;) {
    const auto closing = run_length(text, next);
    const bool closes = is_fence ? closing >= length && begins_line(text, next) : closing == length;
    if (closes) return next + closing;
    next = text.find('`', next + closing);
  }
  return is_fence ? text.size() : at + length;
}

bool begins_url(std::string_view text, std::size_t at) {
  if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) return false;
  constexpr std::size_t scheme_length_max = 16;
  const auto scheme = text.substr(at, text.substr(at, scheme_length_max).find(':'));
  return scheme.size() < scheme_length_max &&
         std::all_of(scheme.begin(), scheme.end(), [](char c) { return is_letter(c); }) &&
         text.substr(at + scheme.size()).starts_with("://");
}

std::size_t skip_url(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_space(text[at]) && text[at] != '<' && text[at] != '>' &&
         text[at] != '"') {
    ++at;
  }
  return at;
}

// The "@"s that may mention, in bytes.
std::vector<std::size_t> places_of(std::string_view text) {
  std::vector<std::size_t> places;
  if (text.find('@') == std::string_view::npos) return places;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '`') {
      at = skip_code(text, at);
    } else if (is_letter(text[at]) && begins_url(text, at)) {
      at = skip_url(text, at);
    } else {
      if (text[at] == '@' && begins_mention(text, at)) places.push_back(at);
      ++at;
    }
  }
  return places;
}

// Of the place from the "@" at `begin` to `end`, in bytes; without its offset.
MentionCandidate candidate(std::string_view text, std::size_t begin, std::size_t end) {
  const auto name = text.substr(begin + 1, end - begin - 1);
  MentionCandidate found;
  found.length = 1 + count_characters(name);
  found.key = name_key(name);
  if (found.key == "all" || found.key == "here") found.everyone = found.key;
  return found;
}

// Whether a name that begins behind an "@" may end there, at a border of grapheme clusters.
bool may_end(std::string_view text, std::size_t at) {
  return !is_space(text[at - 1]) && !cuts_word(text, at);
}

}  // namespace

std::vector<MentionCandidate> mention_candidates(std::string_view text) {
  std::vector<MentionCandidate> candidates;
  const auto places = places_of(text);
  if (places.empty()) return candidates;
  Graphemes graphemes{text};
  std::size_t counted = 0;  // the bytes before it have `offset` code points
  std::size_t offset = 0;
  std::size_t bytes = 0;  // of the keys
  for (const auto begin : places) {
    offset += count_characters(text.substr(counted, begin - counted));
    counted = begin;
    if (begin + 1 == text.size() || is_space(text[begin + 1])) continue;
    if (graphemes.border_before(begin) != begin) continue;
    auto end = begin + 1;
    std::size_t length = 0;  // grapheme clusters
    while (length < name_length_max && end < text.size()) {
      if (text[end] == '\n' || text[end] == '\r' || text[end] == '\t') break;
      next_character(text, end);
      if (end - begin > name_bytes_max) break;
      if (graphemes.border_before(end) != end) continue;
      ++length;
      if (!may_end(text, end)) continue;
      if (candidates.size() == mention_candidates_max || bytes > keys_bytes_max) return candidates;
      auto found = candidate(text, begin, end);
      found.offset = offset;
      if (!found.everyone.empty()) found.key.clear();
      bytes += found.key.size();
      candidates.push_back(std::move(found));
    }
  }
  return candidates;
}

MentionPlaces::MentionPlaces(std::string_view text) : text_{text}, places_{places_of(text)} {
  for (std::size_t at = 0; at < text.size(); next_character(text, at)) starts_.push_back(at);
  starts_.push_back(text.size());
}

std::optional<MentionCandidate> MentionPlaces::find(std::size_t offset, std::size_t length) const {
  const auto begin = starts_[offset];
  const auto end = starts_[offset + length];
  if (length < 2 || end - begin > name_bytes_max || is_space(text_[begin + 1])) {
    return std::nullopt;
  }
  if (!std::binary_search(places_.begin(), places_.end(), begin)) return std::nullopt;
  Graphemes graphemes{text_};
  const auto is_border = [&](std::size_t at) { return graphemes.border_before(at) == at; };
  if (!may_end(text_, end) || !is_border(begin) || !is_border(end)) return std::nullopt;
  auto found = candidate(text_, begin, end);
  found.offset = offset;
  return found;
}

}  // namespace fechatter
