#include <algorithm>
#include <string>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/highlight.hpp"
#include "fechatter_server/search/literal_terms.hpp"
#include "fechatter_server/search/misspelling.hpp"
#include "fechatter_server/search/search_syntax.hpp"
#include "fechatter_server/search/text_matches.hpp"
#include "fechatter_server/search/tokens.hpp"
#include "tests/fuzz/fuzz.hpp"

// The text functions of search: tokens, matches of terms, highlights. The input's first line is the
// query, the rest the text.
namespace fechatter::fuzz {
namespace {

using namespace server;

bool is_border(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
}

void check_tokens(std::string_view text, const std::vector<Token>& tokens) {
  Token before;
  for (const auto& token : tokens) {
    require(token.begin < token.end && token.end <= text.size(), "a token lies within the text");
    require(is_border(text, token.begin), "a token begins with a character");
    require(is_utf8(token.text) && !token.text.empty(), "a token is text");
    require(count_characters(token.text) <= token_length_max, "a token is not too long");
    require(!token.gram || count_characters(token.text) <= 2, "a gram is two characters at most");
    const bool is_next = token.position == before.position + 1;
    require(is_next || (token.part && token.position == before.position), "positions are in order");
    require(token.part || token.begin >= before.begin, "words are in order");
    before = token;
  }
}

// The original of each token matches at its place, unless one character of it gave several words.
void check_matches(std::string_view text, const std::vector<Token>& tokens, Choices& choices) {
  if (tokens.empty()) return;
  const auto& token = tokens[choices.up_to(tokens.size() - 1)];
  const std::string original{text.substr(token.begin, token.end - token.begin)};
  const auto searched = query_tokens(original);
  if (searched.size() != 1 || searched.front().text != token.text) return;
  const SearchTerm term{SearchTerm::Kind::phrase, original};
  const auto matches = text_matches(term, tokens);
  require(std::any_of(matches.begin(), matches.end(),
                      [&](const TextMatch& match) {
                        return match.begin <= token.begin && match.end >= token.end;
                      }),
          "a token matches at its place");
}

void drop(std::string& text, std::string_view what) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at)) {
    text.erase(at, what.size());
  }
}

void unescape(std::string& text) {
  const std::pair<std::string_view, char> escapes[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&amp;", '&'}};
  for (const auto& [escape, plain] : escapes) {
    for (auto at = text.find(escape); at != text.npos; at = text.find(escape, at + 1)) {
      text.replace(at, escape.size(), 1, plain);
    }
  }
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
  return found;
}

void check_highlight(std::string_view text, const std::vector<SearchTerm>& terms) {
  auto shown = highlight(text, terms);
  require(is_utf8(shown), "a highlight is text");
  require(count(shown, "<mark>") == count(shown, "</mark>"), "each mark has an end");
  drop(shown, "<mark>");
  drop(shown, "</mark>");
  require(shown.find_first_of("<>\"'") == shown.npos, "nothing but marks is HTML");
  unescape(shown);
  require(count_characters(shown) <= highlight_length_max + 2, "a highlight is not too long");
  if (!is_utf8(text)) return;
  std::string_view piece{shown};
  constexpr std::string_view cut = "…";
  if (!text.starts_with(piece) && piece.starts_with(cut)) piece.remove_prefix(cut.size());
  if (!text.ends_with(piece) && piece.ends_with(cut)) piece.remove_suffix(cut.size());
  require(text.find(piece) != text.npos, "a highlight is a piece of the text");
}

std::vector<SearchTerm> terms_of(std::string_view query, Choices& choices) {
  std::vector<SearchTerm> terms;
  while (!query.empty() && terms.size() < 8) {
    const auto kind = static_cast<SearchTerm::Kind>(choices.up_to(2));
    terms.push_back({kind, std::string{choices.cut(query)}, choices.up_to(7) == 0});
  }
  return terms;
}

void check_misspelling(std::string_view query, std::string_view text) {
  const auto words = tokenize(query);
  const auto others = tokenize(text);
  if (words.empty() || others.empty()) return;
  const auto& word = words.front().text;
  const auto& other = others.front().text;
  const auto most = errors_tolerated(word);
  require(is_misspelling(word, word, most), "a word is itself");
  require(is_misspelling(word, other, most) == is_misspelling(other, word, most),
          "errors count the same both ways");
  require(is_misspelling(word, other, 1) <= is_misspelling(word, other, 2),
          "two errors tolerate more");
}

// A query is either refused by its field or read into usable terms.
void check_query(std::string_view query, std::string_view text) {
  SearchRequest request;
  try {
    read_query(query, from_unix_micros(0), request);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid_fields, "a query is refused by its field");
    return;
  }
  require(request.terms.size() <= search_terms_max, "a query has a limit of terms");
  for (const auto& term : request.terms) {
    require(has_token(term) || is_literal(term), "a term can be found");
  }
  check_highlight(text, request.terms);
  if (const auto moment = parse_moment(query, false)) {
    require(parse_rfc3339(to_rfc3339(*moment)) == moment, "a time reads as it was written");
  }
}

void check_search(std::string_view input) {
  Choices choices{input};
  const auto line_end = std::min(input.find('\n'), input.size());
  const auto query = input.substr(0, line_end);
  const auto text = input.substr(std::min(line_end + 1, input.size()));
  const auto tokens = tokenize(text);
  check_tokens(text, tokens);
  check_tokens(query, tokenize(query));
  check_matches(text, tokens, choices);
  check_highlight(text, terms_of(query, choices));
  check_query(query, text);
  check_misspelling(query, text);
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fechatter::fuzz::check_search(fechatter::fuzz::text_of(data, size));
  return 0;
}
