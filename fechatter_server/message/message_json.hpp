#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/message.hpp"

namespace fechatter::server {

// As the API spells it.
nlohmann::json to_json(const Message& message);

// The fields of a draft under the names that they have in a message. Absent: reply_to and
// idempotency_key without a value. append_messages reads it, and two sends are the same request
// when this is the same text.
nlohmann::json to_json(const MessageDraft& draft);

}  // namespace fechatter::server
