#pragma once

#include "fechatter_core/error.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

// The refusals of chats and their members, with one text for each.
namespace fechatter::server {

Error no_such_chat();
Error chat_busy();
Error not_in_workspace(const std::vector<UserId>& offenders);

// Throws the refusal of an outcome other than done.
void require_done(ChatOutcome outcome);

}  // namespace fechatter::server
