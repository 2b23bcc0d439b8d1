#include "fechatter_server/mention/postgres_mention_repository.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_rows.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

// Those by name, and of each chat those of all members since the caller joined it. The newest of
// all chats lie in as many chats at most, those with the newest ones.
const Statement select_mentions{"select_mentions", R"(
WITH mine AS MATERIALIZED (SELECT * FROM mentioned_chats($1, $2))
SELECT is_mention_read(e.also_to_chat, e.seq, m.last_read_seq, f.last_read_seq, e.created_at,
                       m.joined_at) AS is_read,
       v.*, CASE WHEN v.reactions_cut THEN my_reactions(v.id, $2) END AS my_reactions
FROM (
  SELECT message_id FROM (
    (SELECT x.message_id FROM message_mentions x JOIN mine m ON m.chat_id = x.chat_id
     WHERE x.user_id = $2 AND x.message_id < coalesce($3, 9223372036854775807)
     ORDER BY x.message_id DESC LIMIT $4)
    UNION
    (SELECT n.message_id FROM (
       SELECT m.* FROM mine m
       CROSS JOIN LATERAL newest_to_all(m.chat_id, m.user_id, m.joined_at, $3, 1) n
       WHERE m.last_everyone_seq > 0 ORDER BY n.message_id DESC LIMIT $4) m
     CROSS JOIN LATERAL newest_to_all(m.chat_id, m.user_id, m.joined_at, $3, $4) n
     ORDER BY n.message_id DESC LIMIT $4)) either
  ORDER BY message_id DESC LIMIT $4) p
JOIN messages e ON e.id = p.message_id JOIN mine m ON m.chat_id = e.chat_id
LEFT JOIN thread_follows f ON f.root_id = e.thread_root_id AND f.user_id = $2
JOIN message_rows v ON v.id = p.message_id
ORDER BY v.id DESC)"};

// From the chats in which the caller has not read the newest mention, and from threads.
const Statement select_unread{"select_unread_mentions", R"(
WITH mine AS MATERIALIZED (
  SELECT * FROM mentioned_chats($1, $2) m WHERE m.last_mention_seq > m.last_read_seq)
SELECT false AS is_read, v.*,
       CASE WHEN v.reactions_cut THEN my_reactions(v.id, $2) END AS my_reactions
FROM (
  SELECT message_id FROM (
    (SELECT n.message_id FROM (
       SELECT m.* FROM mine m
       CROSS JOIN LATERAL newest_unread_mentions(m.chat_id, m.user_id, m.last_read_seq,
                                                 m.joined_at, $3, 1) n
       ORDER BY n.message_id DESC LIMIT $4) m
     CROSS JOIN LATERAL newest_unread_mentions(m.chat_id, m.user_id, m.last_read_seq, m.joined_at,
                                               $3, $4) n
     ORDER BY n.message_id DESC LIMIT $4)
    UNION
    SELECT message_id FROM newest_thread_mentions($1, $2, $3, $4)) either
  ORDER BY message_id DESC LIMIT $4) p
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
    const auto rows = connection.run(page.unread ? select_unread : select_mentions,
                                     caller.workspace, caller.user, page.before, page.limit + 1);
    return to_list(rows, page.limit, caller.user);
  });
}

}  // namespace fechatter::server
