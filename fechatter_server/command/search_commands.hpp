#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `search reindex` rebuilds the whole index beside the served one, and resumes a build that was
// interrupted; with a scope, it writes a workspace's messages, or those after a message, in place.
// `search verify` compares the index with the messages. Both show their progress on stderr, end
// early at SIGINT and SIGTERM, and print then how to resume. They throw while the search provider
// cannot be reached.
void add_search_commands(CommandTable& table);

}  // namespace fechatter::server
