#include "fechatter_server/message/message_rows.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "fechatter_core/http/syntax.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_json.hpp"

namespace fechatter::server {
namespace {

std::int64_t to_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || last != end) throw_unknown("number of a reaction", digits);
  return number;
}

// "👍 3 7,8,9"
Reaction to_reaction(std::string_view line) {
  Reaction reaction;
  reaction.emoji = http::take_until(line, ' ');
  reaction.count = to_number(http::take_until(line, ' '));
  while (!line.empty()) {
    reaction.user_ids.push_back(UserId{to_number(http::take_until(line, ','))});
  }
  return reaction;
}

std::optional<std::string> text_or_none(const nlohmann::json& value) {
  if (value.is_null()) return std::nullopt;
  return value.get<std::string>();
}

// As attachment_json makes them.
std::vector<Attachment> to_attachments(const pqxx::field& field) {
  std::vector<Attachment> attachments;
  if (field.is_null()) return attachments;
  const auto list = nlohmann::json::parse(field.c_str());
  for (const auto& item : list) {
    Attachment attachment{
        item.at("url"), item.at("name"), item.at("mime_type"), item.at("size"), {}, {}};
    attachment.thumbnail_url = text_or_none(item.at("thumbnail_url"));
    attachment.blurhash = text_or_none(item.at("blurhash"));
    attachment.status = item.at("status");
    if (!item.at("width").is_null()) {
      attachment.width = item.at("width").get<std::int64_t>();
      attachment.height = item.at("height").get<std::int64_t>();
    }
    attachments.push_back(std::move(attachment));
  }
  return attachments;
}

void mark_own(std::vector<Reaction>& reactions, UserId viewer, const pqxx::field& my_reactions) {
  const auto is_among = [](const auto& all, const auto& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  std::vector<std::string> own;
  if (!my_reactions.is_null()) {
    own = nlohmann::json::parse(my_reactions.c_str()).get<std::vector<std::string>>();
  }
  for (auto& reaction : reactions) {
    reaction.mine = is_among(reaction.user_ids, viewer) || is_among(own, reaction.emoji);
  }
}

}  // namespace

Message to_message(const pqxx::row& row) {
  Message message;
  message.id = to_id<MessageId>(row["id"]);
  message.chat_id = to_id<ChatId>(row["chat_id"]);
  message.sender = {to_id<UserId>(row["sender_id"]), row["sender_fullname"].as<std::string>(),
                    find_text(row["sender_avatar_url"])};
  message.seq = row["seq"].as<std::int64_t>();
  message.content = row["content"].as<std::string>();
  message.files = nlohmann::json::parse(row["files"].c_str()).get<std::vector<std::string>>();
  message.mentions = to_ids<UserId>(row["mentions"]);
  message.reply_to = find_id<MessageId>(row["reply_to"]);
  message.idempotency_key = find_text(row["idempotency_key"]);
  message.created_at = to_time(row["created_at"]);
  message.edited_at = find_time(row["edited_at"]);
  message.deleted_at = find_time(row["deleted_at"]);
  message.reactions = to_reactions(row["reactions"].c_str());
  message.pinned = row["pinned"].as<bool>();
  message.thread_root = find_id<MessageId>(row["thread_root_id"]);
  message.also_to_chat = row["also_to_chat"].as<bool>();
  const std::string_view ranges = row["mention_ranges"].c_str();
  if (ranges != "[]") message.mention_ranges = to_mention_ranges(nlohmann::json::parse(ranges));
  if (!row["reply_count"].is_null()) {
    message.thread =
        ThreadSummary{row["reply_count"].as<std::int64_t>(), find_time(row["last_reply_at"]),
                      to_ids<UserId>(row["repliers"])};
  }
  message.version = row["event_id"].as<std::int64_t>();
  message.attachments = to_attachments(row["attachments"]);
  return message;
}

Message to_message(const pqxx::row& row, UserId viewer) {
  auto message = to_message(row);
  if (!message.reactions.empty()) mark_own(message.reactions, viewer, row["my_reactions"]);
  return message;
}

std::vector<Reaction> to_reactions(std::string_view lines) {
  std::vector<Reaction> reactions;
  while (!lines.empty()) reactions.push_back(to_reaction(http::take_until(lines, '\n')));
  return reactions;
}

}  // namespace fechatter::server
