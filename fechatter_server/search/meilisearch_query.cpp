#include <string_view>

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/meilisearch_words.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t query_terms_max = 10;  // Meilisearch ignores the rest

// Nothing that is typed closes the quotation.
std::string quotation(std::string_view text) {
  std::string quoted{'"'};
  for (const char c : apart(text))
    quoted += c == '"' || static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return quoted + '"';
}

bool completes(const SearchTerm& term) {
  return term.kind == SearchTerm::Kind::prefix && is_plain_word(term.text);
}

// What is quoted is found as it is written.
std::string operand(const SearchTerm& term) {
  const bool as_typed =
      term.kind == SearchTerm::Kind::word && is_plain_word(term.text) && may_be_misspelt(term.text);
  return as_typed ? term.text : quotation(term.text);
}

struct Draft {
  std::string text;
  std::size_t terms = 0;

  void add(const std::string& operand) {
    text += operand + ' ';  // the space ends the word
    ++terms;
  }
};

// Excluded ones come first, so that the limit never cuts them off, and quoted, since the '-' holds
// for one word only.
std::string exclusions(const std::vector<SearchTerm>& terms) {
  std::string text;
  for (const auto& term : terms) {
    if (term.excluded) text += '-' + quotation(term.text) + ' ';
  }
  return text;
}

}  // namespace

std::vector<std::string> query_texts(const std::vector<SearchTerm>& terms) {
  std::vector<Draft> drafts{{exclusions(terms), 0}};
  for (const auto& term : terms) {
    if (term.excluded || completes(term)) continue;
    if (drafts.back().terms == query_terms_max - 1) drafts.emplace_back();
    drafts.back().add(operand(term));
  }
  std::size_t next = 0;
  for (const auto& term : terms) {
    if (term.excluded || !completes(term)) continue;
    if (next == drafts.size()) drafts.emplace_back();
    drafts[next++].text += term.text;
  }
  std::vector<std::string> texts;
  for (auto& draft : drafts) texts.push_back(std::move(draft.text));
  return texts;
}

}  // namespace fechatter::server
