#pragma once

#include "fechatter_core/error.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

// The refusals of chats and their members, with one text for each.
namespace fechatter::server {

Error no_such_chat();
Error chat_busy();
Error chat_archived();
Error chat_read_only();

// Throws the refusal of an outcome other than done. `offenders` are the users that it is about.
void require_done(ChatOutcome outcome, const std::vector<UserId>& offenders = {});

}  // namespace fechatter::server
