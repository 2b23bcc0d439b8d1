#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "fechatter_core/service/search_index.hpp"

// What both indexes ask of the messages that they are told of. Pure; any thread.
namespace fechatter::server {

// By id. The messages are not owned.
using NewestMessages = std::map<MessageId, const IndexedMessage*>;

// Each message once, by its newest version; of equal ones by the last.
NewestMessages newest_of(const std::vector<IndexedMessage>& messages);

// What `has:link` asks for.
bool has_link(std::string_view content);

}  // namespace fechatter::server
