#pragma once

#include <pqxx/pqxx>
#include <string_view>
#include <vector>

#include "fechatter_core/model/message.hpp"

namespace fechatter::server {

// Where a result has the columns of message_rows. By its name, each would be sought among all of
// the result, for each row: as long as everything else takes that is done with the row.
struct MessageColumns {
  // Of any row of the result. Throws what pqxx throws for a column that is missing.
  explicit MessageColumns(const pqxx::row& row);

  using Number = pqxx::row_size_type;
  const Number id, chat_id, sender_id, sender_fullname, sender_avatar_url, seq, content, files,
      mentions, reply_to, idempotency_key, created_at, edited_at, deleted_at, reactions, pinned,
      thread_root_id, also_to_chat, mention_ranges, reply_count, last_reply_at, repliers, event_id,
      attachments;
};

// Of message_rows. Without a viewer, no reaction is `mine`.
Message to_message(const pqxx::row& row, const MessageColumns& columns);
// The same, and the column `my_reactions`: of the viewer as JSON, where the row does not name all
// users.
Message to_message(const pqxx::row& row, const MessageColumns& columns, UserId viewer);
Message to_message(const pqxx::row& row, UserId viewer);  // of a result that has no further one

// message_annotations.reactions. Throws std::runtime_error for any other text.
std::vector<Reaction> to_reactions(std::string_view lines);

}  // namespace fechatter::server
