#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/draft.hpp"

// Drafts and scheduled messages as the API spells them.
namespace fechatter::server {

nlohmann::json to_json(const Draft& draft);
nlohmann::json to_json(const ScheduledMessage& scheduled);

// The bytes of that JSON, or up to 300 more.
std::size_t json_size(const Draft& draft);
std::size_t json_size(const ScheduledMessage& scheduled);

}  // namespace fechatter::server
