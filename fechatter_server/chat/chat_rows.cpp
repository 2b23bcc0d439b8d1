#include "fechatter_server/chat/chat_rows.hpp"

#include "fechatter_server/chat/who_may.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/role_names.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {
namespace {

ChatRole to_chat_role(std::string_view text) {
  const auto role = find_role<ChatRole>(text);
  if (!role) throw_unknown("chat role", text);
  return *role;
}

WhoMay to_who_may(std::string_view text) {
  const auto who = find_who_may(text);
  if (!who) throw_unknown("setting of a chat", text);
  return *who;
}

}  // namespace

ChatType to_chat_type(std::string_view text) {
  for (const auto type :
       {ChatType::single, ChatType::group, ChatType::private_channel, ChatType::public_channel}) {
    if (text == sql_name(type)) return type;
  }
  throw_unknown("chat type", text);
}

const char* sql_name(ChatType type) {
  switch (type) {
    case ChatType::single: return "single";
    case ChatType::group: return "group";
    case ChatType::private_channel: return "private_channel";
    case ChatType::public_channel: return "public_channel";
  }
  return "group";
}

ChatColumns::ChatColumns(const pqxx::row& row)
    : id{row.column_number("chat_id")},
      workspace_id{row.column_number("chat_workspace_id")},
      name{row.column_number("chat_name")},
      type{row.column_number("chat_type")},
      description{row.column_number("chat_description")},
      created_by{row.column_number("chat_created_by")},
      owner_id{row.column_number("chat_owner_id")},
      member_count{row.column_number("chat_member_count")},
      members{row.column_number("chat_members")},
      last_seq{row.column_number("chat_last_seq")},
      created_at{row.column_number("chat_created_at")},
      updated_at{row.column_number("chat_updated_at")},
      topic{row.column_number("chat_topic")},
      archived_at{row.column_number("chat_archived_at")},
      who_may_write{row.column_number("chat_who_may_write")},
      who_may_pin{row.column_number("chat_who_may_pin")},
      everyone_mentions{row.column_number("chat_everyone_mentions")},
      event_id{row.column_number("chat_event_id")} {}

Chat to_chat(const pqxx::row& row, const ChatColumns& columns) {
  Chat chat;
  chat.id = to_id<ChatId>(row[columns.id]);
  chat.workspace_id = to_id<WorkspaceId>(row[columns.workspace_id]);
  chat.name = row[columns.name].as<std::string>();
  chat.type = to_chat_type(row[columns.type].c_str());
  chat.description = row[columns.description].as<std::string>();
  chat.created_by = to_id<UserId>(row[columns.created_by]);
  chat.owner_id = find_id<UserId>(row[columns.owner_id]);
  chat.member_count = row[columns.member_count].as<std::int64_t>();
  chat.members = to_ids<UserId>(row[columns.members]);
  chat.last_seq = row[columns.last_seq].as<std::int64_t>();
  chat.created_at = to_time(row[columns.created_at]);
  chat.updated_at = to_time(row[columns.updated_at]);
  chat.topic = row[columns.topic].as<std::string>();
  chat.archived_at = find_time(row[columns.archived_at]);
  chat.who_may_write = to_who_may(row[columns.who_may_write].c_str());
  chat.who_may_pin = to_who_may(row[columns.who_may_pin].c_str());
  chat.everyone_mentions = row[columns.everyone_mentions].as<bool>();
  chat.version = row[columns.event_id].as<std::int64_t>();
  return chat;
}

Chat to_chat(const pqxx::row& row) {
  return to_chat(row, ChatColumns{row});
}

ChatMember to_member(const pqxx::row& row) {
  return {to_id<ChatId>(row["chat_id"]),
          to_id<UserId>(row["user_id"]),
          row["fullname"].as<std::string>(),
          row["email"].as<std::string>(),
          to_user_status(row["status"].c_str()),
          to_chat_role(row["role"].c_str()),
          to_time(row["joined_at"])};
}

ChatOutcome to_chat_outcome(std::string_view text) {
  if (text == "done") return ChatOutcome::done;
  if (text == "not_found") return ChatOutcome::not_found;
  if (text == "forbidden") return ChatOutcome::forbidden;
  if (text == "single") return ChatOutcome::single;
  if (text == "owner") return ChatOutcome::owner;
  if (text == "group_minimum") return ChatOutcome::group_minimum;
  if (text == "full") return ChatOutcome::full;
  if (text == "not_public") return ChatOutcome::not_public;
  if (text == "no_such_member") return ChatOutcome::no_such_member;
  if (text == "suspended") return ChatOutcome::suspended;
  if (text == "unknown_members") return ChatOutcome::unknown_members;
  if (text == "blocked") return ChatOutcome::blocked;
  if (text == "name_taken") return ChatOutcome::name_taken;
  if (text == "chats_of_today") return ChatOutcome::chats_of_today;
  if (text == "people_of_today") return ChatOutcome::people_of_today;
  if (text == "active") return ChatOutcome::active;
  throw_unknown("chat outcome", text);
}

ChangedChat to_changed_chat(const pqxx::row& row) {
  ChangedChat changed{to_chat_outcome(row["outcome"].c_str()), std::nullopt};
  if (changed.outcome == ChatOutcome::done) changed.chat = to_chat(row);
  return changed;
}

}  // namespace fechatter::server
