#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/model/chat.hpp"

namespace fechatter {

// A condition on the text of a message. A term with signs ("C++", "--force") is also looked for as
// it is written: in quotes and excluded it matches only so, else it comes first.
struct SearchTerm {
  enum class Kind {
    word,    // tolerates typing errors
    prefix,  // matches the beginning of a word, too: the last word of a query, or one with '*'
    phrase,  // these words next to each other
  };
  Kind kind = Kind::word;
  std::string text;  // as typed, without quotes, '-' and '*'; a phrase may be of signs only
  bool excluded = false;
};

enum class SearchSort { relevance, newest, oldest };

// The start of a page: after that message, or, when the message is no hit any more, `offset` hits
// from the first.
struct SearchCursor {
  std::int64_t offset = 0;
  std::optional<MessageId> after;
};

// A search as the client asked for it. All conditions must hold; names of the same kind are
// alternatives.
struct SearchRequest {
  std::vector<SearchTerm> terms;
  // As typed: an id, a name, an e-mail address, "me". Of a chat also "@name": the Single with that
  // user.
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
  std::string chat_name;  // of a Single: the other member's name
  ChatType chat_type = ChatType::group;
  std::string highlight;  // HTML: escaped, with <mark> and </mark> around the matches
  double score = 0;       // 0..1, greater is better; comparable within one answer only
};

// The number of hits per key.
template <class Key>
using Facet = std::map<Key, std::int64_t>;

struct SearchFacets {
  Facet<ChatId> chat_id;
  Facet<UserId> sender_id;
  Facet<ChatType> chat_type;
  Facet<std::string> month;  // "2026-01"
};

struct SearchPage {
  std::vector<SearchHit> hits;
  std::int64_t total = 0;            // of all pages, at most search_total_max
  SearchFacets facets;               // over all pages
  std::int64_t offset = 0;           // the hits before this page
  std::optional<SearchCursor> next;  // nullopt: this is the last page
  bool cut = false;                  // its bytes ended it before its limit
  std::size_t bytes = 0;             // of the hits as JSON, at most
  std::chrono::milliseconds took{0};
};

inline constexpr std::size_t search_total_max = 1000;

}  // namespace fechatter
