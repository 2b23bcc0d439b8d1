#include "fechatter_server/mention/postgres_mention_repository.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

// Those by name, and of each chat those of all members since the caller joined it.
const Statement select_mentions{"select_mentions", R"(
SELECT p.is_read, v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, $2) END AS my_reactions
FROM (
  SELECT * FROM (
    (SELECT x.message_id,
            is_mention_read(x.also_to_chat, x.seq, m.last_read_seq, f.last_read_seq) AS is_read
     FROM message_mentions x
     JOIN chat_members m ON m.chat_id = x.chat_id AND m.user_id = x.user_id
     JOIN chats c ON c.id = x.chat_id AND c.deleted_at IS NULL
     JOIN messages e ON e.id = x.message_id
     LEFT JOIN thread_follows f ON f.root_id = e.thread_root_id AND f.user_id = x.user_id
     WHERE x.user_id = $2 AND x.workspace_id = $1
       AND ($3::bigint IS NULL OR x.message_id < $3)
       AND NOT ($4 AND is_mention_read(x.also_to_chat, x.seq, m.last_read_seq, f.last_read_seq))
     ORDER BY x.message_id DESC LIMIT $5)
    UNION
    (SELECT n.message_id, n.is_read
     FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
     CROSS JOIN LATERAL (
       SELECT e.id AS message_id,
              is_mention_read(e.also_to_chat, e.seq, m.last_read_seq, f.last_read_seq) AS is_read
       FROM messages e
       LEFT JOIN thread_follows f ON f.root_id = e.thread_root_id AND f.user_id = m.user_id
       WHERE e.chat_id = m.chat_id AND e.mentions_everyone IS NOT NULL
         AND e.sender_id <> m.user_id AND e.created_at >= m.joined_at
         AND ($3::bigint IS NULL OR e.id < $3)
         AND NOT ($4 AND is_mention_read(e.also_to_chat, e.seq, m.last_read_seq, f.last_read_seq))
       ORDER BY e.seq DESC LIMIT $5) n
     WHERE m.user_id = $2 AND m.workspace_id = $1
     ORDER BY n.message_id DESC LIMIT $5)) either
  ORDER BY message_id DESC LIMIT $5) p
JOIN message_rows v ON v.id = p.message_id
ORDER BY v.id DESC)"};

MentionList to_list(const pqxx::result& rows, std::int64_t limit, UserId viewer) {
  MentionList list;
  PageBudget budget;
  for (const auto& row : rows) {
    constexpr std::size_t own_fields = 70;  // as JSON
    Mention mention{to_message(row, viewer), row["is_read"].as<bool>()};
    const bool is_full = list.mentions.size() == static_cast<std::size_t>(limit);
    if (is_full || !budget.admit(json_size(mention.message) + own_fields)) {
      list.next = list.mentions.back().message.id;
      break;
    }
    list.mentions.push_back(std::move(mention));
  }
  list.bytes = budget.bytes();
  return list;
}

}  // namespace

awaitable<MentionList> PostgresMentionRepository::list(Caller caller, MentionPage page) {
  co_return co_await database_.read([&](Connection& connection) {
    const auto rows = connection.run(select_mentions, caller.workspace, caller.user, page.before,
                                     page.unread, page.limit + 1);
    return to_list(rows, page.limit, caller.user);
  });
}

}  // namespace fechatter::server
