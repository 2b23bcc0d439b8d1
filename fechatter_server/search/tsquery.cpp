#include "fechatter_server/search/tsquery.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/newest_messages.hpp"

namespace fechatter::server {
namespace {

constexpr std::uint32_t position_max = 16'383;  // of a tsvector
constexpr std::size_t positions_of_word_max = 255;
constexpr std::size_t prefix_length_min = 2;
constexpr std::size_t indexed_prefix_length_max = 3;

std::string quoted_lexeme(std::string_view lexeme) {
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

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t length = 0;
  while (count-- > 0 && length < text.size()) length += sequence_length(text.substr(length));
  return text.substr(0, length);
}

std::string beginning(std::string_view token, std::size_t length) {
  return fmt::format("^{}", first_characters(token, length));
}

// One of 1,024, so that of each there are enough for a list in the index to fill its pages; a
// message of ten words has one in a hundred of them by chance (FNV-1a).
std::string pair(std::string_view first, std::string_view second) {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
  std::uint32_t hash = 2'166'136'261U;
  for (const auto& part : {first, std::string_view{"&"}, second}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  hash ^= hash >> 10U ^ hash >> 20U;
  return fmt::format("&{}{}", digits[hash >> 5U & 31U], digits[hash & 31U]);
}

// What goes on from there: by a beginning that is a word of the index, or by all words there are.
std::string words_from(std::string_view beginning_typed) {
  const auto length = count_characters(beginning_typed);
  if (length > indexed_prefix_length_max) return quoted_lexeme(beginning_typed) + ":*";
  return fmt::format("{}|{}", quoted_lexeme(beginning_typed),
                     quoted_lexeme(beginning(beginning_typed, length)));
}

// A term, as tokens: whether the last one, or one of them alone, stands for all that go on from it.
class Sought {
 public:
  Sought(std::vector<Token> tokens, bool goes_on) : tokens_{std::move(tokens)}, goes_on_{goes_on} {}

  // Its tokens next to each other, as far apart as they were typed.
  std::string condition() const {
    if (tokens_.size() == 1 && is_open(0)) return words_from(tokens_.front().text);
    std::string text;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (i > 0) text += fmt::format("<{}>", tokens_[i].position - tokens_[i - 1].position);
      text += quoted_lexeme(tokens_[i].text) + (is_open(i) ? ":*" : "");
    }
    return text;
  }

  // Which of its tokens are neighbours.
  void add_pairs(std::vector<std::string>& conditions) const {
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      if (is_open(i - 1) || is_open(i)) continue;
      if (tokens_[i].position - tokens_[i - 1].position != 1) continue;
      conditions.push_back(quoted_lexeme(pair(tokens_[i - 1].text, tokens_[i].text)));
    }
  }

 private:
  bool is_open(std::size_t i) const {
    return is_lone_character(tokens_[i]) || (goes_on_ && i + 1 == tokens_.size());
  }

  const std::vector<Token> tokens_;
  const bool goes_on_;
};

void add_conditions(const SearchTerm& term, Likeness likeness, const Corrections& corrections,
                    std::vector<std::string>& conditions) {
  const auto tokens = query_tokens(term.text);
  const Sought sought{tokens, likeness != Likeness::exact && can_go_on(term, tokens)};
  auto text = sought.condition();
  if (likeness == Likeness::misspelt && forgives(term, tokens)) {
    for (const auto& word : corrections(tokens.front().text)) text += "|" + quoted_lexeme(word);
  }
  conditions.push_back(term.excluded ? fmt::format("!({})", text) : text);
  if (!term.excluded) sought.add_pairs(conditions);
}

// Those that are shorter than itself: in a script without spaces one character, else as few letters
// as may be asked for, and more.
void add_beginnings(const Token& token, std::set<std::string>& beginnings) {
  const auto length = count_characters(token.text);
  const std::size_t first = token.gram ? 1 : prefix_length_min;
  const std::size_t last = token.gram ? 1 : indexed_prefix_length_max;
  for (auto n = first; n <= last && n < length; ++n) beginnings.insert(beginning(token.text, n));
}

template <class Fits>
bool any_term(const IndexQuery& query, Fits fits) {
  return std::any_of(query.terms.begin(), query.terms.end(),
                     [&](const SearchTerm& term) { return fits(term, query_tokens(term.text)); });
}

}  // namespace

std::vector<std::string> to_tsqueries(const IndexQuery& query, Likeness likeness,
                                      const Corrections& corrections) {
  std::vector<std::string> conditions;
  for (const auto& term : query.terms) add_conditions(term, likeness, corrections, conditions);
  if (!query.senders.empty()) {
    std::vector<std::string> senders;
    for (const auto sender : query.senders) senders.push_back(fmt::format("'u:{}'", sender.value));
    conditions.push_back(fmt::format("{}", fmt::join(senders, "|")));
  }
  if (query.has_file) conditions.emplace_back("'has:file'");
  if (query.has_link) conditions.emplace_back("'has:link'");
  return conditions;
}

bool has_prefix(const IndexQuery& query) {
  return any_term(query, can_go_on);
}

bool has_forgiving_word(const IndexQuery& query) {
  return any_term(query, forgives);
}

std::string to_tsvector(const std::vector<Token>& tokens) {
  std::map<std::string_view, std::vector<std::uint32_t>> places;
  std::set<std::string> beside;
  auto before = tokens.begin();  // the first of the word before
  for (auto token = tokens.begin(); token != tokens.end(); ++token) {
    auto& positions = places[token->text];
    if (positions.size() < positions_of_word_max) {
      positions.push_back(std::min(token->position, position_max));
    }
    add_beginnings(*token, beside);
    while (before->position + 1 < token->position) ++before;
    for (auto it = before; it->position < token->position; ++it) {
      beside.insert(pair(it->text, token->text));
    }
  }
  std::string text;
  for (const auto& [word, positions] : places) {
    text += fmt::format("{}:{} ", quoted_lexeme(word), fmt::join(positions, ","));
  }
  for (const auto& word : beside) text += quoted_lexeme(word) + " ";
  return text;
}

std::string traits_of(const IndexedMessage& message) {
  auto text = fmt::format("'u:{}'", message.sender_id.value);
  if (has_link(message.content)) text += " 'has:link'";
  if (!message.files.empty()) text += " 'has:file'";
  return text;
}

}  // namespace fechatter::server
