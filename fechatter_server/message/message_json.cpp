#include "fechatter_server/message/message_json.hpp"

#include "fechatter_server/json_values.hpp"

namespace fechatter::server {

using nlohmann::json;

namespace {

// Names, punctuation, and numbers and times of the greatest length.
constexpr std::size_t message_frame_size = 460;
constexpr std::size_t reaction_frame_size = 45;  // without the numbers
constexpr std::size_t edit_frame_size = 60;

// Without initializer lists, which copy: a page may have thousands.
json reaction_json(const Reaction& reaction) {
  auto body = json::object();
  body.emplace("emoji", reaction.emoji);
  body.emplace("count", reaction.count);
  body.emplace("me", reaction.mine);
  body.emplace("user_ids", to_json(reaction.user_ids));
  return body;
}

json reactions_json(const std::vector<Reaction>& reactions) {
  auto list = json::array();
  for (const auto& reaction : reactions) list.push_back(reaction_json(reaction));
  return list;
}

std::size_t reactions_size(const std::vector<Reaction>& reactions) {
  std::size_t size = 0;
  for (const auto& reaction : reactions) {
    size += reaction_frame_size + std::to_string(reaction.count).size() + reaction.emoji.size() +
            json_size(reaction.user_ids);
  }
  return size;
}

}  // namespace

json to_json(const Message& message) {
  json body{{"id", message.id.value},
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
            {"deleted_at", or_null(message.deleted_at)},
            {"pinned", message.pinned}};
  body.emplace("reactions", reactions_json(message.reactions));
  return body;
}

json to_json(const MessageEdit& edit) {
  return {{"content", edit.content}, {"edited_at", to_rfc3339(edit.edited_at)}};
}

std::size_t json_size(const MessageEdit& edit) {
  return edit_frame_size + fechatter::json_size(edit.content);
}

std::size_t json_size(const Message& message) {
  const auto& sender = message.sender;
  return message_frame_size + fechatter::json_size(sender.fullname) +
         json_size_or_null(sender.avatar_url) + fechatter::json_size(message.content) +
         fechatter::json_size(message.files) + json_size(message.mentions) +
         reactions_size(message.reactions);
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

}  // namespace fechatter::server
