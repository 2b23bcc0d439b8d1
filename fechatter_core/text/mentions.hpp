#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where a text mentions people: "@" and a full name, @all, @here. Not in code (between backticks,
// as in Markdown), in URLs, or in a longer word such as an e-mail address. Pure; any thread.
// REQUIRES: the texts are UTF-8.
namespace fechatter {

inline constexpr std::size_t mention_candidates_max = 500;  // of one text

// A place that mentions, if its name is the full name of a member.
struct MentionCandidate {
  std::size_t offset = 0;  // code points, of the "@"
  std::size_t length = 0;  // likewise, with the "@"; both ends are borders of grapheme clusters
  std::string key;         // name_key() of the name
  std::string everyone;    // "all" or "here" where the place says so; then it may have no key
};

// For each "@" every end that a name may have there, in the order of the text. Beyond
// mention_candidates_max, or 32 KiB of keys, the text mentions no member by name.
std::vector<MentionCandidate> mention_candidates(std::string_view text);

// The places of a text that a client says to be mentions.
class MentionPlaces {
 public:
  // The text must outlive it.
  explicit MentionPlaces(std::string_view text);

  std::size_t length() const { return starts_.size() - 1; }  // code points
  // The candidate of exactly that place; nullopt when there can be none. REQUIRES: offset + length
  // <= length().
  std::optional<MentionCandidate> find(std::size_t offset, std::size_t length) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;  // of each code point, in bytes; and the end
  std::vector<std::size_t> places_;  // of each "@" that may mention, in bytes
};

}  // namespace fechatter
