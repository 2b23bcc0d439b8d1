#pragma once

#include <map>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/search.hpp"

namespace fechatter {

// A chat in which somebody may look.
struct SearchableChat {
  ChatId id;
  ChatType type = ChatType::group;
};

// What search asks of the truth. As UserRepository in errors and threads.
class SearchRepository {
 public:
  virtual ~SearchRepository() = default;

  // The chats that the caller is in now, the most recently active first.
  virtual awaitable<std::vector<SearchableChat>> scope_of(WorkspaceId workspace, UserId caller) = 0;
  // People of the workspace with that id, e-mail address or its part before the '@', full name, or
  // a word of it; without case. Empty: nobody.
  virtual awaitable<std::vector<UserId>> find_senders(WorkspaceId workspace, std::string name) = 0;
  // The caller's chats of that id or name; of "@name", the Singles with such people.
  virtual awaitable<std::vector<ChatId>> find_chats(WorkspaceId workspace, UserId caller,
                                                    std::string name) = 0;
  // Those of the messages that the caller may see now, and that are not deleted, with the moment
  // their text became what it is.
  virtual awaitable<std::map<MessageId, Timestamp>> visible(WorkspaceId workspace, UserId caller,
                                                            std::vector<MessageId> messages) = 0;
  // The same as hits, in any order; with chat_name and chat_type, without highlight and score.
  virtual awaitable<std::vector<SearchHit>> read_hits(WorkspaceId workspace, UserId caller,
                                                      std::vector<MessageId> messages) = 0;
};

}  // namespace fechatter
