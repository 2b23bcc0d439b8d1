#include "fechatter_server/message/message_rows.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

std::vector<MentionRange> to_mention_ranges(const pqxx::field& json_array) {
  std::vector<MentionRange> ranges;
  if (json_array.c_str() == std::string_view{"[]"}) return ranges;
  for (const auto& item : nlohmann::json::parse(json_array.c_str())) {
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
  message.thread_root = find_id<MessageId>(row["thread_root_id"]);
  message.also_to_chat = row["also_to_chat"].as<bool>();
  message.mention_ranges = to_mention_ranges(row["mention_ranges"]);
  if (!row["reply_count"].is_null()) {
    message.thread =
        ThreadSummary{row["reply_count"].as<std::int64_t>(), find_time(row["last_reply_at"]),
                      to_ids<UserId>(row["repliers"])};
  }
  return message;
}

}  // namespace fechatter::server
