#pragma once

#include <optional>

#include "fechatter_server/search/index_keeper.hpp"
#include "fechatter_server/server_settings.hpp"

namespace fechatter::server {

struct SearchCommand {
  IndexScope scope;
  bool repairs = false;  // of verify
};

// `fechatter_server search reindex`: the whole index beside the one that is served, going on where
// an earlier run ended; or a workspace's, or what follows a message, in place. `search verify`
// compares it with the messages. Both show on stderr how far they are, end early at SIGINT and
// SIGTERM, and say then how to go on. 0: done, and nothing was wrong; 1: there are differences;
// 130: ended early. While a search provider is away they throw.
int reindex(const ServerSettings& settings, const SearchCommand& command);
int verify(const ServerSettings& settings, const SearchCommand& command);

}  // namespace fechatter::server
