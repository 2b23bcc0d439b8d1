#include "fechatter_server/chat/chat_rows.hpp"

#include <stdexcept>

namespace fechatter::server {

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
  throw std::runtime_error{"unknown outcome: " + std::string{text}};
}

ChangedChat to_changed_chat(const pqxx::row& row) {
  ChangedChat changed{to_chat_outcome(row["outcome"].c_str()), std::nullopt};
  if (changed.outcome == ChatOutcome::done) changed.chat = to_chat(row);
  return changed;
}

}  // namespace fechatter::server
