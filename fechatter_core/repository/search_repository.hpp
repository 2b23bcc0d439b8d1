#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/search.hpp"
#include "fechatter_core/service/search_turn.hpp"

namespace fechatter {

// A chat in the scope of a search.
struct SearchableChat {
  ChatId id;
  ChatType type = ChatType::group;
  std::string name_key;         // by search_key(); empty unless it was asked for
  std::optional<UserId> other;  // of a Single: its other member
};

// Whether a message holds the terms of a query as they are written.
struct LiteralVerdict {
  bool matches = false;    // all phrases, and no excluded term
  bool holds_all = false;  // the other terms, too
};

// The reads of a search from PostgreSQL, which resolve its names and check the matches of an index.
// Threads and errors as described at UserRepository (repository/user_repository.hpp); also throws
// search_superseded and search_unavailable at the end of the turn.
class SearchRepository {
 public:
  virtual ~SearchRepository() = default;

  // The caller's chats, the most recently active first.
  virtual awaitable<std::vector<SearchableChat>> scope_of(Caller caller, bool with_names,
                                                          SearchTurn turn) = 0;
  // For each of `names`, the users of the workspace with that id, e-mail address or its part before
  // the '@', full name, or a word of the full name, by the keys of text/search_key.hpp. One
  // statement; at most 1,000 users for a name.
  virtual awaitable<std::vector<std::vector<UserId>>> find_people(WorkspaceId workspace,
                                                                  std::vector<std::string> names,
                                                                  SearchTurn turn) = 0;
  // Those of `messages` that the caller may see now and that are not deleted, with the time of
  // their current text.
  virtual awaitable<std::map<MessageId, Timestamp>> visible(Caller caller,
                                                            std::vector<MessageId> messages,
                                                            SearchTurn turn) = 0;
  // Of those that the caller may see now, whether their texts hold `terms` as they are written. One
  // statement, which reads all the texts.
  virtual awaitable<std::map<MessageId, LiteralVerdict>> compare_literally(
      Caller caller, std::vector<MessageId> messages, std::vector<SearchTerm> terms,
      SearchTurn turn) = 0;
  // Of those that the caller may see now, as hits, in their order; with chat_name and chat_type,
  // without highlight and score. Ends with the first one by which their texts and URLs have more
  // than so many bytes.
  virtual awaitable<std::vector<SearchHit>> read_hits(Caller caller,
                                                      std::vector<MessageId> messages,
                                                      std::size_t bytes_max, SearchTurn turn) = 0;
};

}  // namespace fechatter
