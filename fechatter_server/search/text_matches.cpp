#include "fechatter_server/search/text_matches.hpp"

#include <algorithm>
#include <optional>

#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/misspelling.hpp"

namespace fechatter::server {
namespace {

class TermMatcher {
 public:
  TermMatcher(const SearchTerm& term, const std::vector<Token>& tokens)
      : searched_{query_tokens(term.text)}, kind_{term.kind}, tokens_{tokens} {}

  std::vector<TextMatch> exact() const {
    std::vector<TextMatch> found;
    if (searched_.empty()) return found;
    for (std::size_t first = 0; first < tokens_.size(); ++first) {
      if (const auto match = match_at(first)) found.push_back(*match);
    }
    return found;
  }

  std::vector<TextMatch> misspelt() const {
    std::vector<TextMatch> found;
    if (searched_.size() != 1 || kind_ == SearchTerm::Kind::phrase) return found;
    const auto& word = searched_.front().text;
    const auto errors_max = errors_tolerated(word);
    if (errors_max == 0) return found;
    for (const auto& token : tokens_) {
      if (is_misspelling(token.text, word, errors_max)) found.push_back({token.begin, token.end});
    }
    return found;
  }

 private:
  // The whole term, with its first word at this token.
  std::optional<TextMatch> match_at(std::size_t first) const {
    if (!matches(0, first)) return std::nullopt;
    TextMatch match{tokens_[first].begin, end_of_match(0, first)};
    auto at = first;
    for (std::size_t i = 1; i < searched_.size(); ++i) {
      const auto distance = searched_[i].position - searched_.front().position;
      const auto position = tokens_[first].position + distance;
      while (at < tokens_.size() && tokens_[at].position < position) ++at;
      while (at < tokens_.size() && tokens_[at].position == position && !matches(i, at)) ++at;
      if (at == tokens_.size() || tokens_[at].position != position) return std::nullopt;
      match.end = std::max(match.end, end_of_match(i, at));
    }
    return match;
  }

  bool matches(std::size_t i, std::size_t at) const {
    const auto& text = searched_[i].text;
    const bool is_last = i + 1 == searched_.size();
    const bool is_prefix = is_one_of_grams(i) || (is_last && kind_ == SearchTerm::Kind::prefix);
    return is_prefix ? tokens_[at].text.starts_with(text) : tokens_[at].text == text;
  }

  bool is_one_of_grams(std::size_t i) const {
    return searched_[i].gram && count_characters(searched_[i].text) == 1;
  }

  // A single character matches the first half of a gram; the second half begins the next gram.
  std::uint32_t end_of_match(std::size_t i, std::size_t at) const {
    const auto& token = tokens_[at];
    const bool is_half = searched_[i].gram && token.text.size() > searched_[i].text.size();
    if (!is_half || at + 1 == tokens_.size()) return token.end;
    const auto middle = tokens_[at + 1].begin;
    return middle > token.begin ? middle : token.end;
  }

  const std::vector<Token> searched_;
  const SearchTerm::Kind kind_;
  const std::vector<Token>& tokens_;
};

}  // namespace

std::vector<TextMatch> text_matches(const SearchTerm& term, const std::vector<Token>& tokens) {
  const TermMatcher matcher{term, tokens};
  auto found = matcher.exact();
  return found.empty() ? matcher.misspelt() : found;
}

}  // namespace fechatter::server
