#pragma once

#include <map>
#include <vector>

#include "fechatter_core/service/search_index.hpp"

namespace fechatter::server {

// By id. The messages are not owned.
using NewestMessages = std::map<MessageId, const IndexedMessage*>;

// Each message of a batch once, with its newest version; of equal versions the last. Pure; any
// thread.
NewestMessages newest_of(const std::vector<IndexedMessage>& messages);

}  // namespace fechatter::server
