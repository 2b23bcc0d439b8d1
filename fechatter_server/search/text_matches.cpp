#include "fechatter_server/search/finds.hpp"

#include <algorithm>
#include <optional>

#include "fechatter_core/utf8.hpp"

namespace fechatter::server {
namespace {

class TermFinder {
 public:
  TermFinder(const SearchTerm& term, const std::vector<Token>& tokens)
      : sought_{query_tokens(term.text)}, kind_{term.kind}, tokens_{tokens} {}

  std::vector<Find> as_written() const {
    std::vector<Find> finds;
    if (sought_.empty()) return finds;
    for (std::size_t first = 0; first < tokens_.size(); ++first) {
      if (const auto find = find_at(first)) finds.push_back(*find);
    }
    return finds;
  }

  std::vector<Find> misspelt() const {
    std::vector<Find> finds;
    if (sought_.size() != 1 || kind_ == SearchTerm::Kind::phrase) return finds;
    const auto& word = sought_.front().text;
    const auto errors_max = errors_forgiven(word);
    if (errors_max == 0) return finds;
    for (const auto& token : tokens_) {
      if (is_misspelling(token.text, word, errors_max)) finds.push_back({token.begin, token.end});
    }
    return finds;
  }

 private:
  // All that is sought, its first word being this token.
  std::optional<Find> find_at(std::size_t first) const {
    if (!matches(0, first)) return std::nullopt;
    Find find{tokens_[first].begin, end_of_match(0, first)};
    auto at = first;
    for (std::size_t i = 1; i < sought_.size(); ++i) {
      const auto distance = sought_[i].position - sought_.front().position;
      const auto position = tokens_[first].position + distance;
      while (at < tokens_.size() && tokens_[at].position < position) ++at;
      while (at < tokens_.size() && tokens_[at].position == position && !matches(i, at)) ++at;
      if (at == tokens_.size() || tokens_[at].position != position) return std::nullopt;
      find.end = std::max(find.end, end_of_match(i, at));
    }
    return find;
  }

  bool matches(std::size_t i, std::size_t at) const {
    const auto& text = sought_[i].text;
    const bool is_last = i + 1 == sought_.size();
    const bool is_prefix = is_one_of_grams(i) || (is_last && kind_ == SearchTerm::Kind::prefix);
    return is_prefix ? tokens_[at].text.starts_with(text) : tokens_[at].text == text;
  }

  bool is_one_of_grams(std::size_t i) const {
    return sought_[i].gram && count_characters(sought_[i].text) == 1;
  }

  // Of two characters the first may have been all that was sought; the second begins the next gram.
  std::uint32_t end_of_match(std::size_t i, std::size_t at) const {
    const auto& token = tokens_[at];
    const bool is_half = sought_[i].gram && token.text.size() > sought_[i].text.size();
    if (!is_half || at + 1 == tokens_.size()) return token.end;
    const auto middle = tokens_[at + 1].begin;
    return middle > token.begin ? middle : token.end;
  }

  const std::vector<Token> sought_;
  const SearchTerm::Kind kind_;
  const std::vector<Token>& tokens_;
};

}  // namespace

std::vector<Find> finds_of(const SearchTerm& term, const std::vector<Token>& tokens) {
  const TermFinder finder{term, tokens};
  auto finds = finder.as_written();
  return finds.empty() ? finder.misspelt() : finds;
}

}  // namespace fechatter::server
