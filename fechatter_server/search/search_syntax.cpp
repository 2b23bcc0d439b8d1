#include "fechatter_server/search/search_syntax.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <algorithm>

#include "fechatter_core/error.hpp"
#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_server/search/literal_terms.hpp"
#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {
namespace {

using std::chrono::days;

constexpr std::string_view operators[] = {"from", "in", "before", "after", "on", "has"};
constexpr std::string_view colons[] = {":", "\uff1a"};
constexpr std::string_view quotes[] = {"\"",     "\u201c", "\u201d", "\u201e", "\u201f", "\u00ab",
                                       "\u00bb", "\u300c", "\u300d", "\u300e", "\u300f", "\uff02"};
constexpr std::size_t operator_length_max = 8 * 3;  // bytes, in full-width letters

// One item of the query, as written.
struct Item {
  std::string_view name;  // of a known operator, or empty
  std::string_view text;
  bool quoted = false;
  bool excluded = false;
};

template <std::size_t count>
std::size_t length_of_any(std::string_view text, const std::string_view (&candidates)[count]) {
  for (const auto candidate : candidates) {
    if (text.starts_with(candidate)) return candidate.size();
  }
  return 0;
}

// Of the white space that begins the text, of any kind; 0: none does.
std::size_t blank_length(std::string_view text) {
  if (text.empty()) return 0;
  std::size_t length = 0;
  const auto code = next_character(text, length);
  return u_isUWhiteSpace(static_cast<UChar32>(code)) ? length : 0;
}

Error refused(std::string_view name, std::string_view detail) {
  return invalid_field("q", fmt::format("{}: {}", name, detail));
}

// Reads items from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}

  std::optional<Item> next() {
    while (const auto blank = blank_length(rest_)) rest_.remove_prefix(blank);
    if (rest_.empty()) return std::nullopt;
    Item item;
    item.excluded = excludes();
    if (item.excluded) rest_.remove_prefix(1);
    item.name = read_operator_name();
    if (item.excluded && !item.name.empty()) throw refused(item.name, "cannot be negated");
    item.quoted = length_of_any(rest_, quotes) > 0;
    item.text = item.quoted ? read_quoted() : read_word();
    return item;
  }

 private:
  // "--force" and "->" are text of programs.
  bool excludes() const {
    return rest_.size() > 1 && rest_.front() == '-' && rest_[1] != '-' &&
           blank_length(rest_.substr(1)) == 0;
  }

  std::string_view read_operator_name() {
    for (std::size_t at = 0; at < std::min(rest_.size(), operator_length_max);
         next_character(rest_, at)) {
      const auto colon = length_of_any(rest_.substr(at), colons);
      if (colon == 0) continue;
      const auto name = case_folded(rest_.substr(0, at));
      const auto* const known = std::find(std::begin(operators), std::end(operators), name);
      if (known == std::end(operators)) return {};
      rest_.remove_prefix(at + colon);
      return *known;
    }
    return {};
  }

  // Up to the end of the text when there is no closing quote.
  std::string_view read_quoted() {
    rest_.remove_prefix(length_of_any(rest_, quotes));
    std::size_t end = 0;
    while (end < rest_.size() && length_of_any(rest_.substr(end), quotes) == 0) ++end;
    const auto text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    rest_.remove_prefix(length_of_any(rest_, quotes));
    return text;
  }

  std::string_view read_word() {
    std::size_t end = 0;
    while (end < rest_.size() && blank_length(rest_.substr(end)) == 0) ++end;
    const auto text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

  std::string_view rest_;
};

// Nothing for an item without a token, unless it is one of signs in quotes.
std::optional<SearchTerm> to_term(const Item& item) {
  SearchTerm term;
  term.excluded = item.excluded;
  auto text = item.text;
  if (item.quoted) term.kind = SearchTerm::Kind::phrase;
  if (!item.quoted && text.ends_with('*')) {
    term.kind = SearchTerm::Kind::prefix;
    text.remove_suffix(1);
  }
  term.text = text;
  const bool is_found = has_token(term) || (item.quoted && is_literal(term));
  return is_found ? std::optional{std::move(term)} : std::nullopt;
}

Timestamp day_of(const Item& item, Timestamp today) {
  const Timestamp begin = std::chrono::floor<days>(today);
  const auto word = case_folded(item.text);
  if (word == "today") return begin;
  if (word == "yesterday") return begin - days{1};
  const auto day = parse_day(item.text);
  if (!day) throw refused(item.name, "must be a day such as 2026-01-31, today or yesterday");
  return *day;
}

void read_has(const Item& item, SearchRequest& request) {
  const auto what = case_folded(item.text);
  if (what == "file") {
    request.has_file = true;
  } else if (what == "link") {
    request.has_link = true;
  } else {
    throw refused("has", "must be file or link");
  }
}

void read_operator(const Item& item, Timestamp today, SearchRequest& request) {
  if (item.text.empty()) throw refused(item.name, "needs something behind the colon");
  if (item.name == "from") {
    request.sender_names.emplace_back(item.text);
  } else if (item.name == "in") {
    request.chat_names.emplace_back(item.text);
  } else if (item.name == "has") {
    read_has(item, request);
  } else {
    const auto day = day_of(item, today);
    if (item.name != "before") require_from(request, item.name == "after" ? day + days{1} : day);
    if (item.name == "before") require_until(request, day);
    if (item.name == "on") require_until(request, day + days{1});
  }
}

}  // namespace

void read_query(std::string_view query, Timestamp today, SearchRequest& request) {
  Scanner scanner{query};
  bool open = false;  // whether the last item is a word that may be incomplete
  bool is_blank = true;
  bool is_found = false;  // whether an item says which messages to look for
  while (const auto item = scanner.next()) {
    open = false;
    is_blank = false;
    if (!item->name.empty()) {
      read_operator(*item, today, request);
      is_found = true;
    } else if (auto term = to_term(*item)) {
      open = term->kind == SearchTerm::Kind::word && !term->excluded;
      is_found = is_found || has_token(*term);
      request.terms.push_back(std::move(*term));
    }
    const auto names = request.sender_names.size() + request.chat_names.size();
    if (names > search_names_max) {
      throw invalid_field("q",
                          fmt::format("may name {} people and chats at most", search_names_max));
    }
    if (request.terms.size() > search_terms_max) {
      throw invalid_field("q", fmt::format("may ask for {} things at most", search_terms_max));
    }
  }
  if (!is_blank && !is_found) throw invalid_field("q", "holds nothing to look for");
  if (open) request.terms.back().kind = SearchTerm::Kind::prefix;
}

bool has_token(const SearchTerm& term) {
  return !query_tokens(term.text).empty();
}

std::optional<Timestamp> parse_moment(std::string_view text, bool end_of_day) {
  const auto day = parse_day(text);
  if (!day) return parse_rfc3339(text);
  return end_of_day ? *day + days{1} : *day;
}

void require_from(SearchRequest& request, Timestamp moment) {
  request.from = std::max(request.from.value_or(moment), moment);
}

void require_until(SearchRequest& request, Timestamp moment) {
  request.until = std::min(request.until.value_or(moment), moment);
}

}  // namespace fechatter::server
