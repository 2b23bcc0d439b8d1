#pragma once

#include <map>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/search.hpp"

namespace fechatter {

// A chat in the scope of a search.
struct SearchableChat {
  ChatId id;
  ChatType type = ChatType::group;
};

// The reads of a search from PostgreSQL, which resolve its names and check the matches of an index.
// Threads and errors as described at UserRepository (repository/user_repository.hpp).
class SearchRepository {
 public:
  virtual ~SearchRepository() = default;

  // The caller's chats, the most recently active first.
  virtual awaitable<std::vector<SearchableChat>> scope_of(Caller caller) = 0;
  // The users of the workspace with that id, e-mail address or its part before the '@', full name,
  // or a word of the full name; case-insensitive.
  virtual awaitable<std::vector<UserId>> find_senders(WorkspaceId workspace, std::string name) = 0;
  // The caller's chats of that id or name; for "@name", the Singles with such users.
  virtual awaitable<std::vector<ChatId>> find_chats(Caller caller, std::string name) = 0;
  // Those of `messages` that the caller may see now and that are not deleted, with the time of
  // their current text.
  virtual awaitable<std::map<MessageId, Timestamp>> visible(Caller caller,
                                                            std::vector<MessageId> messages) = 0;
  // The same as hits, in any order; with chat_name and chat_type, without highlight and score.
  virtual awaitable<std::vector<SearchHit>> read_hits(Caller caller,
                                                      std::vector<MessageId> messages) = 0;
};

}  // namespace fechatter
