#include "fechatter_server/message/message_json.hpp"

#include <algorithm>

#include "fechatter_server/json_values.hpp"

namespace fechatter::server {

using nlohmann::json;

namespace {

// Names, punctuation, and numbers and times of the greatest length.
constexpr std::size_t message_frame_size = 602;
constexpr std::size_t reaction_frame_size = 45;  // without the numbers
constexpr std::size_t edit_frame_size = 60;

std::size_t digits(std::int64_t number) {
  return std::to_string(number).size();
}

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

json attachments_json(const std::vector<Attachment>& attachments) {
  auto list = json::array();
  for (const auto& file : attachments) {
    list.push_back({{"url", file.url},
                    {"name", file.name},
                    {"mime_type", file.media_type},
                    {"size", file.size},
                    {"width", or_null(file.width)},
                    {"height", or_null(file.height)},
                    {"duration", nullptr},
                    {"thumbnail_url", or_null(file.thumbnail_url)},
                    {"blurhash", or_null(file.blurhash)},
                    {"status", file.status}});
  }
  return list;
}

std::size_t attachments_size(const std::vector<Attachment>& attachments) {
  constexpr std::size_t frame = 125;  // names, punctuation, and the null of the duration
  std::size_t size = 0;
  for (const auto& file : attachments) {
    size += frame + fechatter::json_size(file.url) + fechatter::json_size(file.name) +
            fechatter::json_size(file.media_type) + digits(file.size) +
            digits(file.width.value_or(0)) + digits(file.height.value_or(0)) +
            json_size_or_null(file.thumbnail_url) + json_size_or_null(file.blurhash) +
            fechatter::json_size(file.status);
  }
  return size;
}

std::size_t reactions_size(const std::vector<Reaction>& reactions) {
  std::size_t size = 0;
  for (const auto& reaction : reactions) {
    size += reaction_frame_size + digits(reaction.count) + reaction.emoji.size() +
            json_size(reaction.user_ids);
  }
  return size;
}

json thread_json(const std::optional<ThreadSummary>& thread) {
  if (!thread) return {};
  return {{"reply_count", thread->reply_count},
          {"last_reply_at", or_null(thread->last_reply_at)},
          {"repliers", to_json(thread->repliers)}};
}

std::size_t thread_size(const std::optional<ThreadSummary>& thread) {
  constexpr std::size_t frame = 80;  // names, punctuation, and the time
  return thread ? frame + digits(thread->reply_count) + json_size(thread->repliers) : 0;
}

}  // namespace

json to_json(const std::vector<MentionRange>& ranges) {
  auto list = json::array();
  for (const auto& range : ranges) {
    json user = range.user.value;
    if (!range.everyone.empty()) user = json(range.everyone);
    list.push_back(
        {{"user_id", std::move(user)}, {"offset", range.offset}, {"length", range.length}});
  }
  return list;
}

std::size_t json_size(const std::vector<MentionRange>& ranges) {
  constexpr std::size_t frame = 36;  // names, punctuation, and the quotes of "here"
  std::size_t size = 0;
  for (const auto& range : ranges) {
    size += frame + std::max(range.everyone.size(), digits(range.user.value)) +
            digits(range.offset) + digits(range.length);
  }
  return size;
}

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
            {"pinned", message.pinned},
            {"thread_root_id", or_null(message.thread_root)},
            {"also_to_chat", message.also_to_chat},
            {"thread", thread_json(message.thread)},
            {"version", message.version}};
  body.emplace("reactions", reactions_json(message.reactions));
  body.emplace("mention_ranges", to_json(message.mention_ranges));
  body.emplace("attachments", attachments_json(message.attachments));
  return body;
}

json to_json(const FormerText& edit) {
  return {{"content", edit.content}, {"edited_at", to_rfc3339(edit.edited_at)}};
}

std::size_t json_size(const FormerText& edit) {
  return edit_frame_size + fechatter::json_size(edit.content);
}

std::size_t json_size(const Message& message) {
  const auto& sender = message.sender;
  return message_frame_size + fechatter::json_size(sender.fullname) +
         json_size_or_null(sender.avatar_url) + fechatter::json_size(message.content) +
         fechatter::json_size(message.files) + json_size(message.mentions) +
         reactions_size(message.reactions) + json_size(message.mention_ranges) +
         thread_size(message.thread) + attachments_size(message.attachments);
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
  if (!draft.also_to_chat) body["also_to_chat"] = false;
  if (draft.confirm_everyone) body["confirm_everyone"] = true;
  if (!draft.mention_ranges.empty()) body["mention_ranges"] = to_json(draft.mention_ranges);
  return body;
}

json to_json(const std::vector<MentionPlace>& places) {
  auto list = json::array();
  for (const auto& [candidate, user] : places) {
    json item{{"offset", candidate.offset}, {"length", candidate.length}};
    if (user) item["user_id"] = user->value;
    if (user || candidate.everyone.empty()) {
      item["key"] = candidate.key;
    } else {
      item["everyone"] = candidate.everyone;
    }
    list.push_back(std::move(item));
  }
  return list;
}

std::vector<MentionRange> to_mention_ranges(const json& list) {
  std::vector<MentionRange> ranges;
  for (const auto& item : list) {
    MentionRange range{{}, {}, item.at("offset"), item.at("length")};
    const auto& user = item.at("user_id");
    if (user.is_string()) {
      range.everyone = user;
    } else {
      range.user = UserId{user.get<std::int64_t>()};
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
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
  draft.also_to_chat = body.value("also_to_chat", true);
  draft.confirm_everyone = body.value("confirm_everyone", false);
  draft.mention_ranges = to_mention_ranges(body.value("mention_ranges", json::array()));
  return draft;
}

}  // namespace fechatter::server
