#include "fechatter_server/read/read_rows.hpp"

#include "fechatter_server/columns.hpp"

namespace fechatter::server {

ReadOutcome to_read_outcome(std::string_view text) {
  if (text == "done") return ReadOutcome::done;
  if (text == "not_found") return ReadOutcome::not_found;
  if (text == "no_such_message") return ReadOutcome::no_such_message;
  if (text == "beyond_end") return ReadOutcome::beyond_end;
  throw_unknown("read outcome", text);
}

ReadState to_read_state(ChatId chat, const pqxx::row& row) {
  return {chat, row["last_read_seq"].as<std::int64_t>(), row["unread"].as<std::int64_t>(),
          row["mentions"].as<std::int64_t>()};
}

MovedRead to_moved_read(ChatId chat, const pqxx::row& row) {
  MovedRead moved;
  moved.outcome = to_read_outcome(row["outcome"].c_str());
  if (moved.outcome == ReadOutcome::done) moved.state = to_read_state(chat, row);
  moved.emitted = row["emitted"].as<bool>();
  return moved;
}

}  // namespace fechatter::server
