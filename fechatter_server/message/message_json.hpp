#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "fechatter_core/model/message.hpp"

namespace fechatter::server {

// As the API spells it.
nlohmann::json to_json(const Message& message);

// The bytes of that JSON, or up to 200 more. Far cheaper than making it.
std::size_t json_size(const Message& message);

// The fields of a draft under the names that they have in a message. Absent: reply_to and
// idempotency_key without a value. append_messages reads it, and two sends are the same request
// when this is the same text.
nlohmann::json to_json(const MessageDraft& draft);

// The reverse, for drafts that are stored; unknown fields are left out. Throws what nlohmann::json
// throws.
MessageDraft to_draft(std::string_view json_text);

// Of what the sender gives: the bytes of its fields as JSON.
struct DraftSize {
  std::size_t content = 0;
  std::size_t files = 0;
  std::size_t mentions = 0;

  std::size_t total() const { return content + files + mentions; }
};
DraftSize size_of(const MessageDraft& draft);

}  // namespace fechatter::server
