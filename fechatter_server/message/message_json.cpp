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

std::size_t thread_size(const std::optional<ThreadSummary>& thread) {
  constexpr std::size_t frame = 80;  // names, punctuation, and the time
  return thread ? frame + digits(thread->reply_count) + json_size(thread->repliers) : 0;
}

}  // namespace

void write_json(JsonWriter& out, const MentionRange& range) {
  const auto object = out.object();
  if (range.everyone.empty()) {
    out.field("user_id", range.user);
  } else {
    out.field("user_id", range.everyone);
  }
  out.field("offset", range.offset).field("length", range.length);
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

static void write_json(JsonWriter& out, const MessageSender& sender) {
  const auto object = out.object();
  out.field("id", sender.id)
      .field("fullname", sender.fullname)
      .field("avatar_url", sender.avatar_url);
}

static void write_json(JsonWriter& out, const Reaction& reaction) {
  const auto object = out.object();
  out.field("emoji", reaction.emoji)
      .field("count", reaction.count)
      .field("me", reaction.mine)
      .field("user_ids", reaction.user_ids);
}

static void write_json(JsonWriter& out, const Attachment& file) {
  const auto object = out.object();
  out.field("url", file.url)
      .field("name", file.name)
      .field("mime_type", file.media_type)
      .field("size", file.size)
      .field("width", file.width)
      .field("height", file.height)
      .field("duration", nullptr)
      .field("thumbnail_url", file.thumbnail_url)
      .field("blurhash", file.blurhash)
      .field("status", file.status);
}

static void write_json(JsonWriter& out, const ThreadSummary& thread) {
  const auto object = out.object();
  out.field("reply_count", thread.reply_count)
      .field("last_reply_at", thread.last_reply_at)
      .field("repliers", thread.repliers);
}

void write_fields(JsonWriter& out, const Message& message) {
  out.field("id", message.id)
      .field("chat_id", message.chat_id)
      .field("sender_id", message.sender.id)
      .field("sender", message.sender)
      .field("seq", message.seq)
      .field("content", message.content)
      .field("files", message.files)
      .field("attachments", message.attachments)
      .field("mentions", message.mentions)
      .field("mention_ranges", message.mention_ranges)
      .field("reply_to", message.reply_to)
      .field("idempotency_key", message.idempotency_key)
      .field("created_at", message.created_at)
      .field("edited_at", message.edited_at)
      .field("deleted_at", message.deleted_at)
      .field("reactions", message.reactions)
      .field("pinned", message.pinned)
      .field("thread_root_id", message.thread_root)
      .field("also_to_chat", message.also_to_chat)
      .field("thread", message.thread)
      .field("version", message.version);
}

void write_json(JsonWriter& out, const Message& message) {
  const auto object = out.object();
  write_fields(out, message);
}

void write_json(JsonWriter& out, const FormerText& edit) {
  const auto object = out.object();
  out.field("content", edit.content).field("edited_at", edit.edited_at);
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
  if (!draft.mention_ranges.empty()) body["mention_ranges"] = json_tree(draft.mention_ranges);
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
