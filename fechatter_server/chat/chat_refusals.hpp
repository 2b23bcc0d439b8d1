#pragma once

#include "fechatter_core/error.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

// The refusals of chats and their members: one text for each, whoever finds it.
namespace fechatter::server {

Error no_such_chat();
Error not_in_workspace(const std::vector<UserId>& offenders);

// Throws the refusal that the outcome stands for; nothing when it is done.
void require_done(ChatOutcome outcome);

}  // namespace fechatter::server
