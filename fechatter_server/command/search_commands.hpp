#pragma once

#include <optional>

#include "fechatter_server/search/index_rebuild.hpp"
#include "fechatter_server/server_settings.hpp"

namespace fechatter::server {

struct SearchCommand {
  IndexScope scope;
  bool repairs = false;  // of verify
};

// `fechatter_server search reindex` rebuilds the whole index beside the served one, and resumes a
// build that was interrupted; with a scope, it writes a workspace's messages, or those after a
// message, in place. `search verify` compares the index with the messages. Both show their progress
// on stderr, end early at SIGINT and SIGTERM, and print then how to resume. 0: done without
// differences; 1: there are differences; 130: ended early. They throw while the search provider
// cannot be reached.
int reindex(const ServerSettings& settings, const SearchCommand& command);
int verify(const ServerSettings& settings, const SearchCommand& command);

}  // namespace fechatter::server
