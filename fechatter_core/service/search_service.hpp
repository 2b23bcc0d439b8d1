#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/search.hpp"

namespace fechatter {

// Finds messages in the chats that the caller is in now. Any I/O thread.
class SearchService {
 public:
  virtual ~SearchService() = default;

  // Throws invalid_fields for a name that is nobody's or no chat of the caller, chat_not_found for
  // an id that is none, search_unavailable.
  virtual awaitable<SearchPage> search(auth::Identity caller, SearchRequest request) = 0;
};

}  // namespace fechatter
