#include "fechatter_server/search/tsquery.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "fechatter_core/utf8.hpp"

namespace fechatter::server {
namespace {

constexpr std::uint32_t position_max = 16'383;  // of a tsvector
constexpr std::size_t positions_of_word_max = 255;
constexpr std::size_t prefix_length_min = 2;

std::string quoted(std::string_view lexeme) {
  std::string text = "'";
  for (const char c : lexeme) {
    if (c == '\'' || c == '\\') text += c;
    text += c;
  }
  return text + "'";
}

// One character of a script without spaces is found in the pairs that begin with it.
bool is_lone_character(const Token& token) {
  return token.gram && count_characters(token.text) == 1;
}

bool can_go_on(const SearchTerm& term, const std::vector<Token>& tokens) {
  return term.kind == SearchTerm::Kind::prefix && !tokens.back().gram &&
         count_characters(tokens.back().text) >= prefix_length_min;
}

bool forgives(const SearchTerm& term, const std::vector<Token>& tokens) {
  return term.kind != SearchTerm::Kind::phrase && !term.excluded && tokens.size() == 1 &&
         !tokens.front().gram && errors_forgiven(tokens.front().text) > 0;
}

// Its tokens next to each other, as far apart as they were typed.
std::string neighbours(const std::vector<Token>& tokens, bool goes_on) {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) text += fmt::format("<{}>", tokens[i].position - tokens[i - 1].position);
    text += quoted(tokens[i].text);
    const bool last = i + 1 == tokens.size();
    if (is_lone_character(tokens[i]) || (last && goes_on)) text += ":*";
  }
  return text;
}

std::string condition_of(const SearchTerm& term, Likeness likeness,
                         const Corrections& corrections) {
  const auto tokens = query_tokens(term.text);
  const bool goes_on = likeness != Likeness::exact && can_go_on(term, tokens);
  auto text = neighbours(tokens, goes_on);
  if (likeness == Likeness::misspelt && forgives(term, tokens)) {
    for (const auto& word : corrections(tokens.front().text)) text += "|" + quoted(word);
  }
  return fmt::format("{}({})", term.excluded ? "!" : "", text);
}

template <class Fits>
bool any_term(const IndexQuery& query, Fits fits) {
  return std::any_of(query.terms.begin(), query.terms.end(),
                     [&](const SearchTerm& term) { return fits(term, query_tokens(term.text)); });
}

}  // namespace

std::string to_tsquery(const IndexQuery& query, Likeness likeness, const Corrections& corrections) {
  std::vector<std::string> conditions;
  for (const auto& term : query.terms) {
    conditions.push_back(condition_of(term, likeness, corrections));
  }
  if (!query.senders.empty()) {
    std::vector<std::string> senders;
    for (const auto sender : query.senders) senders.push_back(fmt::format("'u:{}'", sender.value));
    conditions.push_back(fmt::format("({})", fmt::join(senders, "|")));
  }
  if (query.has_file) conditions.emplace_back("'has:file'");
  if (query.has_link) conditions.emplace_back("'has:link'");
  return fmt::format("{}", fmt::join(conditions, "&"));
}

bool has_prefix(const IndexQuery& query) {
  return any_term(query, can_go_on);
}

bool has_forgiving_word(const IndexQuery& query) {
  return any_term(query, forgives);
}

std::string to_tsvector(const std::vector<Token>& tokens) {
  std::map<std::string_view, std::vector<std::uint32_t>> places;
  for (const auto& token : tokens) {
    auto& positions = places[token.text];
    if (positions.size() < positions_of_word_max) {
      positions.push_back(std::min(token.position, position_max));
    }
  }
  std::string text;
  for (const auto& [word, positions] : places) {
    text += fmt::format("{}:{} ", quoted(word), fmt::join(positions, ","));
  }
  return text;
}

std::string traits_of(const IndexedMessage& message) {
  auto text = fmt::format("'u:{}'", message.sender_id.value);
  const auto& content = message.content;
  const bool links =
      content.find("http://") != std::string::npos || content.find("https://") != std::string::npos;
  if (links) text += " 'has:link'";
  if (!message.files.empty()) text += " 'has:file'";
  return text;
}

}  // namespace fechatter::server
