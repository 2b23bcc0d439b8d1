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

// Most messages have no file, for which no parser is needed.
std::vector<std::string> to_texts(std::string_view json_array) {
  if (json_array == "[]") return {};
  return nlohmann::json::parse(json_array).get<std::vector<std::string>>();
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

MessageColumns::MessageColumns(const pqxx::row& row)
    : id{row.column_number("id")},
      chat_id{row.column_number("chat_id")},
      sender_id{row.column_number("sender_id")},
      sender_fullname{row.column_number("sender_fullname")},
      sender_avatar_url{row.column_number("sender_avatar_url")},
      seq{row.column_number("seq")},
      content{row.column_number("content")},
      files{row.column_number("files")},
      mentions{row.column_number("mentions")},
      reply_to{row.column_number("reply_to")},
      idempotency_key{row.column_number("idempotency_key")},
      created_at{row.column_number("created_at")},
      edited_at{row.column_number("edited_at")},
      deleted_at{row.column_number("deleted_at")},
      reactions{row.column_number("reactions")},
      pinned{row.column_number("pinned")},
      thread_root_id{row.column_number("thread_root_id")},
      also_to_chat{row.column_number("also_to_chat")},
      mention_ranges{row.column_number("mention_ranges")},
      reply_count{row.column_number("reply_count")},
      last_reply_at{row.column_number("last_reply_at")},
      repliers{row.column_number("repliers")},
      event_id{row.column_number("event_id")},
      attachments{row.column_number("attachments")} {}

Message to_message(const pqxx::row& row, const MessageColumns& columns) {
  Message message;
  message.id = to_id<MessageId>(row[columns.id]);
  message.chat_id = to_id<ChatId>(row[columns.chat_id]);
  message.sender = {to_id<UserId>(row[columns.sender_id]),
                    row[columns.sender_fullname].as<std::string>(),
                    find_text(row[columns.sender_avatar_url])};
  message.seq = row[columns.seq].as<std::int64_t>();
  message.content = row[columns.content].as<std::string>();
  message.files = to_texts(row[columns.files].c_str());
  message.mentions = to_ids<UserId>(row[columns.mentions]);
  message.reply_to = find_id<MessageId>(row[columns.reply_to]);
  message.idempotency_key = find_text(row[columns.idempotency_key]);
  message.created_at = to_time(row[columns.created_at]);
  message.edited_at = find_time(row[columns.edited_at]);
  message.deleted_at = find_time(row[columns.deleted_at]);
  message.reactions = to_reactions(row[columns.reactions].c_str());
  message.pinned = row[columns.pinned].as<bool>();
  message.thread_root = find_id<MessageId>(row[columns.thread_root_id]);
  message.also_to_chat = row[columns.also_to_chat].as<bool>();
  const std::string_view ranges = row[columns.mention_ranges].c_str();
  if (ranges != "[]") message.mention_ranges = to_mention_ranges(nlohmann::json::parse(ranges));
  if (!row[columns.reply_count].is_null()) {
    message.thread =
        ThreadSummary{row[columns.reply_count].as<std::int64_t>(),
                      find_time(row[columns.last_reply_at]), to_ids<UserId>(row[columns.repliers])};
  }
  message.version = row[columns.event_id].as<std::int64_t>();
  message.attachments = to_attachments(row[columns.attachments]);
  return message;
}

Message to_message(const pqxx::row& row, const MessageColumns& columns, UserId viewer) {
  auto message = to_message(row, columns);
  if (!message.reactions.empty()) mark_own(message.reactions, viewer, row["my_reactions"]);
  return message;
}

Message to_message(const pqxx::row& row, UserId viewer) {
  return to_message(row, MessageColumns{row}, viewer);
}

std::vector<Reaction> to_reactions(std::string_view lines) {
  std::vector<Reaction> reactions;
  while (!lines.empty()) reactions.push_back(to_reaction(http::take_until(lines, '\n')));
  return reactions;
}

}  // namespace fechatter::server
