#include "fechatter_server/message/message_rows.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_server/columns.hpp"

namespace fechatter::server {

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
  return message;
}

}  // namespace fechatter::server
