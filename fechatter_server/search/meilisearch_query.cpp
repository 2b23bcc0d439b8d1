#include <algorithm>
#include <string_view>

#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/meilisearch_words.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t query_terms_max = 10;  // Meilisearch ignores the rest
constexpr std::size_t prefix_length_min = 2;

// A word that is to be found in spite of errors, or by its beginning.
struct OpenWord {
  std::string text;
  std::size_t errors_max = 0;
  bool is_strict = false;  // Meilisearch forgives errors where we forgive none
};

bool is_one_character(const Token& token) {
  return token.gram && count_characters(token.text) == 1;
}

// The second half of the pair before it.
bool is_said_already(const std::vector<Token>& tokens, std::size_t i) {
  return i > 0 && is_one_character(tokens[i]) && tokens[i - 1].gram &&
         tokens[i - 1].end == tokens[i].end;
}

// Nothing of ours closes the quotation.
std::string quotation(std::vector<Token> tokens) {
  bool by_characters = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    by_characters |= is_one_character(tokens[i]) && !is_said_already(tokens, i);
  }
  if (!by_characters && is_said_already(tokens, tokens.size() - 1)) tokens.pop_back();
  return '"' + written_in_order(tokens, by_characters) + '"';
}

OpenWord open_word(std::string_view token, bool forgiving) {
  const auto word = written(token);
  const auto errors_max = forgiving && word.as_letters ? errors_forgiven(token) : 0;
  return {word.text, errors_max, errors_max == 0 && errors_forgiven_there(word) > 0};
}

bool can_go_on(const SearchTerm& term, const std::vector<Token>& tokens) {
  return term.kind == SearchTerm::Kind::prefix && !tokens.back().gram &&
         count_characters(tokens.back().text) >= prefix_length_min;
}

class Drafts {
 public:
  Drafts() : drafts_(1) {}

  // Excluded ones come first, so that the limit never cuts them off; all are quoted, since the '-'
  // holds for one word only.
  // REQUIRES: nothing else has been added.
  void exclude(const std::string& quoted) { drafts_.front().query.text += '-' + quoted + ' '; }

  void add(const std::string& operand, std::size_t errors_max) {
    if (drafts_.back().terms == query_terms_max - 1) drafts_.emplace_back();
    auto& draft = drafts_.back();
    draft.query.text += operand + ' ';  // the space ends the word
    draft.query.errors_max += errors_max;
    ++draft.terms;
  }

  // At the end of a query, where one may stand. REQUIRES: everything else has been added.
  void complete(const OpenWord& word) {
    const auto fits = [&](const Draft& draft) {
      return !draft.is_complete && !(word.is_strict && draft.query.errors_max > 0);
    };
    auto draft = std::find_if(drafts_.begin(), drafts_.end(), fits);
    if (draft == drafts_.end()) draft = drafts_.emplace(draft);
    draft->query.text += word.text;
    draft->query.errors_max += word.errors_max;
    draft->is_complete = true;
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
    bool is_complete = false;
  };

  std::vector<Draft> drafts_;
};

}  // namespace

std::vector<QueryText> query_texts(const std::vector<SearchTerm>& terms) {
  Drafts drafts;
  for (const auto& term : terms) {
    auto tokens = whole_tokens(term.text);
    if (term.excluded && !tokens.empty()) drafts.exclude(quotation(std::move(tokens)));
  }
  std::vector<OpenWord> beginnings;
  for (const auto& term : terms) {
    auto tokens = whole_tokens(term.text);
    if (term.excluded || tokens.empty()) continue;
    if (can_go_on(term, tokens)) {
      beginnings.push_back(open_word(tokens.back().text, tokens.size() == 1));
      tokens.pop_back();
      if (!tokens.empty()) drafts.add(quotation(std::move(tokens)), 0);
    } else {
      const bool forgiving = term.kind == SearchTerm::Kind::word && tokens.size() == 1;
      const auto word = open_word(tokens.front().text, forgiving);
      const bool open = word.errors_max > 0;
      drafts.add(open ? word.text : quotation(std::move(tokens)), word.errors_max);
    }
  }
  for (const auto& word : beginnings) drafts.complete(word);
  return drafts.texts();
}

}  // namespace fechatter::server
