#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"

// What Meilisearch is told of messages and asked about them, and how its answers read. Pure; any
// thread.
namespace fechatter::server {

// Raised with every change of messages_settings() or to_document(): the index is then built anew.
inline constexpr std::int64_t messages_index_version = 1;

// The settings of an index of messages. Names that are sorted by Meilisearch are sorted here.
nlohmann::json messages_settings();

// A message: its words as written() writes them, not its text, which nobody reads there. `words`
// are those of its content and of each file's name, in order; `parts` the words within words;
// `characters`, where there are any of a script without spaces, the words with such characters one
// by one. Of a deleted one, what keeps older news of it out (a tombstone that nothing finds).
nlohmann::json to_document(const IndexedMessage& message);

// What an index says of itself, in a document whose id is no message's. It goes with the documents
// when indexes are swapped.
struct IndexMarker {
  std::int64_t version = 0;              // of the rules it is built by; 0: nobody has said so
  std::optional<MessageId> built_up_to;  // while it is being built: the last message it has

  // By which it was built to its end; 0: it was not.
  std::int64_t built_version() const { return built_up_to ? 0 : version; }
};
inline constexpr std::int64_t marker_id = 0;
nlohmann::json to_document(const IndexMarker& marker);
// Of a document that lacks any of it: as if nobody had said so.
IndexMarker to_marker(const nlohmann::json& document);

// What Meilisearch is asked, and how many errors of typing a hit may have in all of it: where it
// forgives by bytes we forgive by letters, and nothing in numbers.
struct QueryText {
  std::string text;
  std::size_t errors_max = 0;

  bool operator==(const QueryText&) const = default;
};

// Meilisearch looks at the first ten terms of a query and completes a word only at its end. More
// terms, or more words to complete, become further queries: a hit is what all of them find. Of a
// term of several words that goes on, the last word may stand anywhere. Never empty.
std::vector<QueryText> query_texts(const std::vector<SearchTerm>& terms);

std::string filter_text(const IndexQuery& query);
std::string ids_filter(const std::vector<MessageId>& ids);
std::string range_filter(const IndexRange& range);

// The body of a search.
nlohmann::json search_body(const std::string& text, const std::string& filter, SearchSort sort);

// The matches in their order, without those that have more errors: the fewest misspelt, then the
// most exact words, then the newest; or the newest at once. Throws nlohmann::json::exception for
// what is no answer of ours.
std::vector<IndexMatch> matches_of(const nlohmann::json& answer, SearchSort sort,
                                   std::size_t errors_max);

}  // namespace fechatter::server
