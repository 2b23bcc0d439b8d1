#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/model/chat.hpp"

namespace fechatter {

// One of the things that a message must have, or must not.
struct SearchTerm {
  enum class Kind {
    word,    // forgives typing errors
    prefix,  // also the beginning of a word: the last word of a query, or one that ends in '*'
    phrase,  // as written, words next to each other
  };
  Kind kind = Kind::word;
  std::string text;  // as typed, without quotes, '-' and '*'; never empty
  bool excluded = false;
};

enum class SearchSort { relevance, newest };

// Where a page begins: behind that message, or, when it is not found any more, so many hits from
// the first.
struct SearchCursor {
  std::int64_t offset = 0;
  std::optional<MessageId> after;
};

// What somebody looks for, as it was asked. All conditions hold together; names of the same kind
// are alternatives.
struct SearchRequest {
  std::vector<SearchTerm> terms;
  // As typed: an id, a name, an e-mail address, "me". Of a chat "@name" too: the Single with them.
  std::vector<std::string> sender_names;
  std::vector<std::string> chat_names;
  std::optional<UserId> sender;
  std::optional<ChatId> chat;
  std::optional<ChatType> chat_type;
  std::optional<Timestamp> from;   // sent then or later
  std::optional<Timestamp> until;  // sent before then
  bool has_file = false;
  bool has_link = false;
  SearchSort sort = SearchSort::relevance;
  std::int64_t limit = 20;
  SearchCursor start;
};

struct SearchHit {
  Message message;
  std::string chat_name;  // of a Single: the other one's
  ChatType chat_type = ChatType::group;
  std::string highlight;  // HTML: escaped, with <mark> and </mark> around what was found
  double score = 0;       // 0..1, greater is better; comparable within one answer only
};

// How many of the found messages there are of each; the keys are ids, API names, or "2026-01".
using Facet = std::map<std::string, std::int64_t>;

struct SearchFacets {
  Facet chat_id;
  Facet sender_id;
  Facet chat_type;
  Facet month;
};

struct SearchPage {
  std::vector<SearchHit> hits;
  std::int64_t total = 0;            // of all pages; counting ends at search_total_max
  SearchFacets facets;               // over the same
  std::optional<SearchCursor> next;  // nothing: this is the last page
  std::chrono::milliseconds took{0};
};

inline constexpr std::size_t search_total_max = 1000;

}  // namespace fechatter
