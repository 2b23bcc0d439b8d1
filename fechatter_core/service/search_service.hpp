#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/search.hpp"
#include "fechatter_core/pace.hpp"

namespace fechatter {

// Searches the messages of the caller's chats. Any I/O thread.
class SearchService {
 public:
  virtual ~SearchService() = default;

  // Throws invalid_fields for a name of no user and no chat of the caller, chat_not_found for the
  // id of no such chat, search_unavailable, search_superseded when the caller searches again.
  virtual awaitable<SearchPage> search(Caller caller, SearchRequest request, Pace& pace) = 0;
};

}  // namespace fechatter
