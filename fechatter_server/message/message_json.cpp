#include "fechatter_server/message/message_json.hpp"

#include "fechatter_server/json_values.hpp"

namespace fechatter::server {

using nlohmann::json;

namespace {

// Names, punctuation, and numbers and times of the greatest length.
constexpr std::size_t message_frame_size = 430;

}  // namespace

json to_json(const Message& message) {
  return {{"id", message.id.value},
          {"chat_id", message.chat_id.value},
          {"sender_id", message.sender.id.value},
          {"sender",
           {{"id", message.sender.id.value},
            {"fullname", message.sender.fullname},
            {"avatar_url", or_null(message.sender.avatar_url)}}},
          {"seq", message.seq},
          {"content", message.content},
          {"files", message.files},
          {"mentions", to_json(message.mentions)},
          {"reply_to", or_null(message.reply_to)},
          {"idempotency_key", or_null(message.idempotency_key)},
          {"created_at", to_rfc3339(message.created_at)},
          {"edited_at", or_null(message.edited_at)},
          {"deleted_at", or_null(message.deleted_at)}};
}

std::size_t json_size(const Message& message) {
  const auto& sender = message.sender;
  return message_frame_size + fechatter::json_size(sender.fullname) +
         json_size_or_null(sender.avatar_url) + fechatter::json_size(message.content) +
         fechatter::json_size(message.files) + json_size(message.mentions);
}

DraftSize size_of(const MessageDraft& draft) {
  return {fechatter::json_size(draft.content), fechatter::json_size(draft.files),
          json_size(draft.mentions)};
}

json to_json(const MessageDraft& draft) {
  json body{
      {"content", draft.content}, {"files", draft.files}, {"mentions", to_json(draft.mentions)}};
  if (draft.reply_to) body["reply_to"] = draft.reply_to->value;
  if (draft.idempotency_key) body["idempotency_key"] = *draft.idempotency_key;
  return body;
}

MessageDraft to_draft(std::string_view json_text) {
  const auto body = json::parse(json_text);
  MessageDraft draft;
  draft.content = body.value("content", std::string{});
  draft.files = body.value("files", std::vector<std::string>{});
  for (const auto id : body.value("mentions", std::vector<std::int64_t>{})) {
    draft.mentions.push_back(UserId{id});
  }
  const auto reply_to = body.find("reply_to");
  if (reply_to != body.end() && !reply_to->is_null()) {
    draft.reply_to = MessageId{reply_to->get<std::int64_t>()};
  }
  if (body.contains("idempotency_key")) draft.idempotency_key = body.at("idempotency_key");
  return draft;
}

}  // namespace fechatter::server
