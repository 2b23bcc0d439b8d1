#pragma once

#include <pqxx/pqxx>
#include <string_view>

#include "fechatter_core/model/chat.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

// Chats and their members as PostgreSQL spells them.
namespace fechatter::server {

ChatType to_chat_type(std::string_view text);
const char* sql_name(ChatType type);

// Where a result has the columns of chat_rows; as MessageColumns.
struct ChatColumns {
  explicit ChatColumns(const pqxx::row& row);

  using Number = pqxx::row_size_type;
  const Number id, workspace_id, name, type, description, created_by, owner_id, member_count,
      members, last_seq, created_at, updated_at, topic, archived_at, who_may_write, who_may_pin,
      everyone_mentions, event_id;
};

Chat to_chat(const pqxx::row& row, const ChatColumns& columns);  // of chat_rows
Chat to_chat(const pqxx::row& row);
ChatMember to_member(const pqxx::row& row);  // of chat_member_rows

// Of the functions that change a chat: they answer an outcome, and some of them the changed chat.
// Both throw std::runtime_error for an outcome that this program does not know.
ChatOutcome to_chat_outcome(std::string_view text);
ChangedChat to_changed_chat(const pqxx::row& row);

}  // namespace fechatter::server
