#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/search.hpp"
#include "fechatter_core/repository/search_repository.hpp"
#include "fechatter_core/text/folding.hpp"
#include "fechatter_server/search/text_matches.hpp"

// Terms that are more than their words: "C++" is not "C". The index has words only, so the texts of
// its matches are compared with such terms. Pure; any thread.
namespace fechatter::server {

// Whether a term has signs that are compared. Of a term without quotes, the punctuation at its ends
// is that of a sentence and does not count.
bool is_literal(const SearchTerm& term);

// A literal term, folded as words are; typographic apostrophes, quotes and dashes are those of
// ASCII, and white space is one space. It begins and ends where a word does, when it begins or ends
// with one.
class LiteralTerm {
 public:
  // REQUIRES: is_literal(term).
  explicit LiteralTerm(const SearchTerm& term);

  const SearchTerm& term() const { return term_; }
  std::vector<TextMatch> matches_in(const std::vector<FoldedCharacter>& text) const;

 private:
  bool ends_word_at(const std::vector<FoldedCharacter>& text, std::size_t at) const;

  const SearchTerm term_;
  std::vector<FoldedCharacter> characters_;
};

// A text in the form in which literal terms are compared with it.
std::vector<FoldedCharacter> folded_literally(std::string_view text);

// The literal terms among those of a query.
class LiteralTerms {
 public:
  explicit LiteralTerms(const std::vector<SearchTerm>& terms);

  bool empty() const { return terms_.empty(); }
  LiteralVerdict judge(std::string_view text) const;

 private:
  std::vector<LiteralTerm> terms_;
};

}  // namespace fechatter::server
