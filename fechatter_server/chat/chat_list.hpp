#pragma once

#include <span>
#include <string>
#include <vector>

#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/chat.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/page_budget.hpp"

// The list of a user's chats, by one statement, or by one that chooses the chats and others that
// read a part of them each, between which other work is done. What a later statement reads is no
// older than the position, which was read first; a chat that the user has left meanwhile is missing
// in it. Each function throws what Connection::run throws.
namespace fechatter::server {

inline constexpr std::size_t chats_of_a_part = 50;  // some 2 ms of PostgreSQL's time

struct ChosenChats {
  std::string position;           // as in ChatList
  std::vector<ChatCursor> chats;  // in the order of the list: those of the page and one more
};

// A list up to its limit, or to 4 MiB of JSON. Belongs to one request.
class ChatListMaker {
 public:
  // Of at most `limit` chats, where `found` can be added.
  ChatListMaker(std::size_t limit, std::size_t found, std::string position);

  // False: the list ends before this chat.
  bool add(ChatSummary summary);
  ChatList take();

 private:
  const std::size_t limit_;
  PageBudget budget_{chat_page_bytes_max};
  ChatList list_;
};

// Without chats, three statements.
ChatList read_chats(postgres::Connection& connection, Caller caller, const ChatPage& page);
ChosenChats choose_chats(postgres::Connection& connection, Caller caller, const ChatPage& page);
// With the times at which they were chosen: a cursor by a later one would begin before them.
std::vector<ChatSummary> read_chosen(postgres::Connection& connection, Caller caller,
                                     std::span<const ChatCursor> chosen);

}  // namespace fechatter::server
