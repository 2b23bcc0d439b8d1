#include "fechatter_server/search/meilisearch_query.hpp"

#include <algorithm>
#include <string_view>

#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/meilisearch_words.hpp"
#include "fechatter_server/search/misspelling.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t query_terms_max = 10;  // Meilisearch ignores the rest
constexpr std::size_t prefix_length_min = 2;

// A word that matches with typing errors or as a prefix.
struct OpenWord {
  std::string text;
  std::size_t errors_max = 0;
  bool is_strict = false;  // Meilisearch would tolerate errors, this search does not
};

bool is_one_character(const Token& token) {
  return token.gram && count_characters(token.text) == 1;
}

// Whether the token is the second half of the gram before it.
bool is_in_gram_before(const std::vector<Token>& tokens, std::size_t i) {
  return i > 0 && is_one_character(tokens[i]) && tokens[i - 1].gram &&
         tokens[i - 1].end == tokens[i].end;
}

// A phrase. No encoded word has a quotation mark.
std::string phrase(std::vector<Token> tokens) {
  bool by_characters = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    by_characters |= is_one_character(tokens[i]) && !is_in_gram_before(tokens, i);
  }
  if (!by_characters && is_in_gram_before(tokens, tokens.size() - 1)) tokens.pop_back();
  return '"' + encode_words(tokens, by_characters) + '"';
}

OpenWord open_word(std::string_view token, bool tolerant) {
  const auto word = encode_word(token);
  const auto errors_max = tolerant && word.as_letters ? errors_tolerated(token) : 0;
  return {word.text, errors_max, errors_max == 0 && errors_tolerated_there(word) > 0};
}

bool is_prefix(const SearchTerm& term, const std::vector<Token>& tokens) {
  return term.kind == SearchTerm::Kind::prefix && !tokens.back().gram &&
         count_characters(tokens.back().text) >= prefix_length_min;
}

class QueryDrafts {
 public:
  QueryDrafts() : drafts_(1) {}

  // Excluded terms come first, so that the limit never cuts them off; as phrases, since '-' applies
  // to one word only. REQUIRES: no other term has been added.
  void exclude(const std::string& excluded) { drafts_.front().query.text += '-' + excluded + ' '; }

  void add(const std::string& operand, std::size_t errors_max) {
    if (drafts_.back().terms == query_terms_max - 1) drafts_.emplace_back();
    auto& draft = drafts_.back();
    draft.query.text += operand + ' ';  // the space ends the word
    draft.query.errors_max += errors_max;
    ++draft.terms;
  }

  // Adds a prefix, at the end of a query that has none yet. REQUIRES: all other terms have been
  // added.
  void add_prefix(const OpenWord& word) {
    const auto fits = [&](const Draft& draft) {
      return !draft.has_prefix && !(word.is_strict && draft.query.errors_max > 0);
    };
    auto draft = std::find_if(drafts_.begin(), drafts_.end(), fits);
    if (draft == drafts_.end()) draft = drafts_.emplace(draft);
    draft->query.text += word.text;
    draft->query.errors_max += word.errors_max;
    draft->has_prefix = true;
  }

  std::vector<QueryText> texts() const {
    std::vector<QueryText> texts;
    for (const auto& draft : drafts_) texts.push_back(draft.query);
    return texts;
  }

 private:
  struct Draft {
    QueryText query;
    std::size_t terms = 0;
    bool has_prefix = false;
  };

  std::vector<Draft> drafts_;
};

}  // namespace

std::vector<QueryText> query_texts(const std::vector<SearchTerm>& terms) {
  QueryDrafts drafts;
  for (const auto& term : terms) {
    auto tokens = whole_tokens(term.text);
    if (term.excluded && !tokens.empty()) drafts.exclude(phrase(std::move(tokens)));
  }
  std::vector<OpenWord> prefixes;
  for (const auto& term : terms) {
    auto tokens = whole_tokens(term.text);
    if (term.excluded || tokens.empty()) continue;
    if (is_prefix(term, tokens)) {
      prefixes.push_back(open_word(tokens.back().text, tokens.size() == 1));
      tokens.pop_back();
      if (!tokens.empty()) drafts.add(phrase(std::move(tokens)), 0);
    } else {
      const bool tolerant = term.kind == SearchTerm::Kind::word && tokens.size() == 1;
      const auto word = open_word(tokens.front().text, tolerant);
      const bool open = word.errors_max > 0;
      drafts.add(open ? word.text : phrase(std::move(tokens)), word.errors_max);
    }
  }
  for (const auto& word : prefixes) drafts.add_prefix(word);
  return drafts.texts();
}

}  // namespace fechatter::server
