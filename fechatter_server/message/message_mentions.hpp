#pragma once

#include <vector>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/repository/message_repository.hpp"

// The mentions of a message as a client sends them. Pure; any thread.
namespace fechatter::server {

inline constexpr std::size_t mention_ranges_max = 100;

// Reads `mention_ranges`: [{"user_id": id | "all" | "here", "offset", "length"}]. What is wrong is
// rejected in `fields`.
std::vector<MentionRange> read_mention_ranges(http::JsonFields& fields);

// The places of a text to resolve: those that `ranges` name rightly, and all others that may
// mention. Throws invalid_fields for a range outside the text.
std::vector<MentionPlace> mention_places(std::string_view content,
                                         const std::vector<MentionRange>& ranges);

}  // namespace fechatter::server
