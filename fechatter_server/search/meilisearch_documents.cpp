#include "fechatter_server/search/meilisearch_documents.hpp"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "fechatter_core/http/uri.hpp"
#include "fechatter_core/text/url.hpp"
#include "fechatter_server/search/meilisearch_words.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

// "report.pdf" of /api/files/7/3f2a/report.pdf?size=1
std::string file_name(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto name = url.substr(url.rfind('/') + 1);
  return http::percent_decoded(name, http::Plus::is_plus).value_or(std::string{name});
}

std::vector<std::string> list_of_traits(const IndexedMessage& message) {
  std::vector<std::string> traits;
  if (!message.files.empty()) traits.emplace_back("file");
  if (has_link(message.content)) traits.emplace_back("link");
  return traits;
}

struct EncodedText {
  std::vector<std::string> words;
  std::set<std::string> parts;
  std::vector<std::string> characters;

  void add(std::string_view text) {
    auto tokens = tokenize(text);
    for (const auto& token : tokens) {
      if (token.part) parts.insert(encode_word(token.text).text);
    }
    std::erase_if(tokens, [](const Token& token) { return token.part; });
    if (tokens.empty()) return;
    words.push_back(encode_words(tokens, false));
    const bool has_grams =
        std::ranges::any_of(tokens, [](const Token& token) { return token.gram; });
    if (has_grams) characters.push_back(encode_words(tokens, true));
  }
};

EncodedText encoded_text(const IndexedMessage& message) {
  EncodedText text;
  if (message.deleted) return text;
  text.add(message.content);
  for (const auto& name : message.file_names) text.add(name);
  if (!message.file_names.empty()) return text;
  for (const auto& url : message.files) text.add(file_name(url));
  return text;
}

template <class Tag>
std::string list_of(const std::vector<Id<Tag>>& ids) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(ids.size());
  for (const auto id : ids) numbers.push_back(id.value);
  return fmt::format("[{}]", fmt::join(numbers, ", "));
}

struct RankedMatch {
  std::int64_t errors = 0;
  std::int64_t inexact = 0;
  IndexMatch match;
};

// From 0 to 1 in the order of matches_of: the errors weigh more than the inexact words.
double score_of(std::int64_t errors, std::int64_t errors_max, std::int64_t inexact,
                std::int64_t words) {
  const auto exactness = static_cast<double>(words - inexact + 1) / static_cast<double>(words + 1);
  const auto spelt = static_cast<double>(errors_max - errors);
  return (spelt + exactness) / static_cast<double>(errors_max + 1);
}

// Among equal matches Meilisearch prefers messages that begin with the query, hence an order of its
// own, from the details of the score.
RankedMatch to_match(const json& hit) {
  RankedMatch ranked;
  std::int64_t errors_max = 0;
  std::int64_t words = 0;
  const auto details = hit.value("_rankingScoreDetails", json::object());
  if (const auto typo = details.find("typo"); typo != details.end()) {
    ranked.errors = typo->value("typoCount", std::int64_t{0});
    errors_max = std::max(ranked.errors, typo->value("maxTypoCount", std::int64_t{0}));
  }
  if (const auto exact = details.find("exactness"); exact != details.end()) {
    words = exact->value("maxMatchingWords", std::int64_t{0});
    ranked.inexact = words - exact->value("matchingWords", words);
  }
  ranked.match = {MessageId{hit.at("id").get<std::int64_t>()},
                  ChatId{hit.at("chat_id").get<std::int64_t>()},
                  UserId{hit.at("sender_id").get<std::int64_t>()},
                  from_unix_micros(hit.at("created_at").get<std::int64_t>()),
                  from_unix_micros(hit.at("version").get<std::int64_t>()),
                  score_of(ranked.errors, errors_max, ranked.inexact, words)};
  return ranked;
}

bool by_relevance(const RankedMatch& a, const RankedMatch& b) {
  return std::tuple{a.errors, a.inexact, b.match.created_at, b.match.id} <
         std::tuple{b.errors, b.inexact, a.match.created_at, a.match.id};
}

bool by_time(const RankedMatch& a, const RankedMatch& b) {
  return std::tuple{b.match.created_at, b.match.id} < std::tuple{a.match.created_at, a.match.id};
}

}  // namespace

json messages_settings() {
  return {
      {"searchableAttributes", {"words", "parts", "characters"}},
      {"filterableAttributes",
       {"chat_id", "created_at", "deleted", "has", "id", "sender_id", "workspace_id"}},
      {"sortableAttributes", json::array({"created_at"})},
      {"rankingRules", {"sort", "words", "typo", "exactness", "created_at:desc"}},
      {"typoTolerance",
       {{"enabled", true},
        {"minWordSizeForTypos",
         {{"oneTypo", one_error_length_min}, {"twoTypos", two_errors_length_min}}}}},
      {"pagination", {{"maxTotalHits", search_total_max}}},
      {"facetSearch", false},
  };
}

json to_document(const IndexedMessage& message) {
  const auto text = encoded_text(message);
  return {
      {"id", message.id.value},
      {"workspace_id", message.workspace_id.value},
      {"chat_id", message.chat_id.value},
      {"sender_id", message.sender_id.value},
      {"words", text.words},
      {"parts", text.parts},
      {"characters", text.characters},
      {"has", message.deleted ? std::vector<std::string>{} : list_of_traits(message)},
      {"created_at", to_unix_micros(message.created_at)},
      {"version", to_unix_micros(message.version)},
      {"deleted", message.deleted},
  };
}

json to_document(const IndexMarker& marker) {
  json document{{"id", marker_id}, {"index_version", marker.version}, {"deleted", true}};
  if (marker.built_up_to) document["built_up_to"] = marker.built_up_to->value;
  return document;
}

IndexMarker to_marker(const json& document) {
  IndexMarker marker;
  marker.version = document.value("index_version", std::int64_t{0});
  if (document.contains("built_up_to")) {
    marker.built_up_to = MessageId{document.at("built_up_to").get<std::int64_t>()};
  }
  return marker;
}

// Meilisearch compares numbers as doubles: exact up to 2^53, which neither ids nor microseconds
// reach.
std::string filter_text(const IndexQuery& query) {
  auto filter = fmt::format("workspace_id = {} AND deleted = false AND chat_id IN {}",
                            query.workspace_id.value, list_of(query.chats));
  if (!query.senders.empty()) filter += " AND sender_id IN " + list_of(query.senders);
  if (query.from) filter += fmt::format(" AND created_at >= {}", to_unix_micros(*query.from));
  if (query.until) filter += fmt::format(" AND created_at < {}", to_unix_micros(*query.until));
  if (query.has_file) filter += " AND has = file";
  if (query.has_link) filter += " AND has = link";
  return filter;
}

std::string ids_filter(const std::vector<MessageId>& ids) {
  return "id IN " + list_of(ids);
}

std::string range_filter(const IndexRange& range) {
  auto filter = fmt::format("id >= {} AND id < {} AND id != {}", range.first.value,
                            range.last.value + 1, marker_id);
  if (range.workspace) filter += fmt::format(" AND workspace_id = {}", range.workspace->value);
  return filter;
}

json search_body(const std::string& text, const std::string& filter, SearchSort sort) {
  json body{
      {"q", text},
      {"filter", filter},
      {"limit", search_total_max},
      {"matchingStrategy", "all"},
      {"attributesToRetrieve", {"id", "chat_id", "sender_id", "created_at", "version"}},
      {"showRankingScoreDetails", true},
  };
  if (sort == SearchSort::newest) body["sort"] = json::array({"created_at:desc"});
  if (sort == SearchSort::oldest) body["sort"] = json::array({"created_at:asc"});
  return body;
}

std::vector<IndexMatch> matches_of(const json& answer, SearchSort sort, std::size_t errors_max) {
  std::vector<RankedMatch> ranked;
  for (const auto& hit : answer.at("hits")) {
    const auto one = to_match(hit);
    if (std::cmp_less_equal(one.errors, errors_max)) ranked.push_back(one);
  }
  std::ranges::sort(ranked, sort == SearchSort::relevance ? by_relevance : by_time);
  if (sort == SearchSort::oldest) std::ranges::reverse(ranked);
  std::vector<IndexMatch> matches;
  matches.reserve(ranked.size());
  for (auto& one : ranked) matches.push_back(one.match);
  return matches;
}

}  // namespace fechatter::server
