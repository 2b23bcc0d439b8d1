#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_server/json_writer.hpp"

namespace fechatter::server {

// As the API spells it. The fields alone are for an object that has further ones.
void write_json(JsonWriter& out, const Message& message);
void write_fields(JsonWriter& out, const Message& message);

void write_json(JsonWriter& out, const FormerText& edit);
void write_json(JsonWriter& out, const MentionRange& range);

// The bytes of that JSON, or up to 200 more. Far cheaper than making it.
std::size_t json_size(const Message& message);
std::size_t json_size(const FormerText& edit);
std::size_t json_size(const std::vector<MentionRange>& ranges);

// The reverse of the ranges' JSON. Throws what nlohmann::json throws.
std::vector<MentionRange> to_mention_ranges(const nlohmann::json& list);

// The fields of a draft under the names that they have in a message. Absent: reply_to and
// idempotency_key without a value, and further ones with the value that they have by default.
// append_messages reads it, and two sends are the same request when this is the same text.
nlohmann::json to_json(const MessageDraft& draft);

// The reverse, for drafts that are stored; unknown fields are left out. Throws what nlohmann::json
// throws.
MessageDraft to_draft(std::string_view json_text);

// As resolve_mentions reads them.
nlohmann::json to_json(const std::vector<MentionPlace>& places);

// Of what the sender gives: the bytes of its fields as JSON.
struct DraftSize {
  std::size_t content = 0;
  std::size_t files = 0;
  std::size_t mentions = 0;

  std::size_t total() const { return content + files + mentions; }
};
DraftSize size_of(const MessageDraft& draft);

}  // namespace fechatter::server
