#include "fechatter_server/search/highlight.hpp"

#include <algorithm>

#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_server/search/literal_terms.hpp"
#include "fechatter_server/search/text_matches.hpp"

namespace fechatter::server {
namespace {

// How much of a long text is shown before the first match.
constexpr std::size_t lead = highlight_length_max / 4;

// The matches of all terms, in order; overlapping ones are merged.
std::vector<TextMatch> merged_matches(std::string_view content,
                                      const std::vector<SearchTerm>& terms, Graphemes& graphemes) {
  const auto tokens = tokenize(content);
  std::vector<TextMatch> matches;
  const auto add = [&](const std::vector<TextMatch>& more) {
    matches.insert(matches.end(), more.begin(), more.end());
  };
  for (const auto& term : terms) {
    if (term.excluded) continue;
    const bool literal = is_literal(term);
    if (literal) add(LiteralTerm{term}.matches_in(folded_literally(content)));
    if (!literal || term.kind != SearchTerm::Kind::phrase) add(text_matches(term, tokens));
  }
  for (auto& match : matches) {
    match.begin = static_cast<std::uint32_t>(graphemes.border_before(match.begin));
    match.end = static_cast<std::uint32_t>(graphemes.border_behind(match.end));
  }
  std::sort(matches.begin(), matches.end(), [](auto a, auto b) { return a.begin < b.begin; });
  std::vector<TextMatch> merged;
  for (const auto& match : matches) {
    if (!merged.empty() && match.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, match.end);
    } else {
      merged.push_back(match);
    }
  }
  return merged;
}

struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Its borders are moved inwards to those of grapheme clusters, unless one cluster fills it.
Window window_around(std::string_view content, std::size_t match, Graphemes& graphemes) {
  std::vector<std::size_t> borders;
  for (std::size_t at = 0; at < content.size(); next_character(content, at)) borders.push_back(at);
  const auto length = borders.size();
  if (length <= highlight_length_max) return {0, content.size()};
  const auto found = std::lower_bound(borders.begin(), borders.end(), match) - borders.begin();
  const auto before = static_cast<std::size_t>(found);
  const auto first = std::min(before > lead ? before - lead : 0, length - highlight_length_max);
  const auto behind = first + highlight_length_max;
  const Window window{borders[first], behind == length ? content.size() : borders[behind]};
  const Window whole{graphemes.border_behind(window.begin), graphemes.border_before(window.end)};
  return whole.begin < whole.end ? whole : window;
}

void append_escaped(std::string& html, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    switch (next_character(text, at)) {
      case U'&': html += "&amp;"; break;
      case U'<': html += "&lt;"; break;
      case U'>': html += "&gt;"; break;
      case U'"': html += "&quot;"; break;
      case U'\'': html += "&#39;"; break;
      case no_character: html += "\ufffd"; break;
      default: html.append(text, begin, at - begin);
    }
  }
}

}  // namespace

std::string highlight(std::string_view content, const std::vector<SearchTerm>& terms) {
  Graphemes graphemes{content};
  const auto matches = merged_matches(content, terms, graphemes);
  const auto at_match = matches.empty() ? 0 : matches.front().begin;
  const auto window = window_around(content, at_match, graphemes);
  std::string html{window.begin > 0 ? "…" : ""};
  auto at = window.begin;
  const auto append_up_to = [&](std::size_t end) {
    append_escaped(html, content.substr(at, end - at));
    at = end;
  };
  for (const auto& match : matches) {
    if (match.begin >= window.end) break;
    append_up_to(match.begin);
    html += "<mark>";
    append_up_to(std::min<std::size_t>(match.end, window.end));
    html += "</mark>";
  }
  append_up_to(window.end);
  return html += window.end < content.size() ? "…" : "";
}

}  // namespace fechatter::server
