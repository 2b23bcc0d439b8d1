#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"

// The JSON of messages in Meilisearch: documents, filters, searches and their answers. Pure; any
// thread.
namespace fechatter::server {

// Raised with every change of messages_settings() or to_document(): the index is then rebuilt.
inline constexpr std::int64_t messages_index_version = 2;

// The settings of an index of messages. Names that are sorted by Meilisearch are sorted here.
nlohmann::json messages_settings();

// The document of a message has no text, only its encoded words (encode_word()): in `words` those
// of its content and of each file's name, in order; in `parts` the words within words; in
// `characters` the words with grams, character by character. Of a deleted message it is a
// tombstone, which no search matches and which keeps an older version out.
nlohmann::json to_document(const IndexedMessage& message);

// The state of an index, in a document of its own whose id is no message's. It moves with the
// documents when indexes are swapped.
struct IndexMarker {
  std::int64_t version = 0;              // messages_index_version of its build; 0: unknown
  std::optional<MessageId> built_up_to;  // during a build: the last message that it has

  // The version of the finished build; 0: it is not finished.
  std::int64_t built_version() const { return built_up_to ? 0 : version; }
};
inline constexpr std::int64_t marker_id = 0;
nlohmann::json to_document(const IndexMarker& marker);
// A missing field has its default.
IndexMarker to_marker(const nlohmann::json& document);

std::string filter_text(const IndexQuery& query);
std::string ids_filter(const std::vector<MessageId>& ids);
std::string range_filter(const IndexRange& range);

// The body of a search.
nlohmann::json search_body(const std::string& text, const std::string& filter, SearchSort sort);

// The matches of an answer, without those that have more typing errors than `errors_max`. By
// relevance: fewest errors, then most exact words, then newest; else newest, or oldest, first.
// Throws nlohmann::json::exception for an answer of another form.
std::vector<IndexMatch> matches_of(const nlohmann::json& answer, SearchSort sort,
                                   std::size_t errors_max);

}  // namespace fechatter::server
