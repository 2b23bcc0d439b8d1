#pragma once

#include <vector>

#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// One user's seat in one chat. `member_event_id` is the chat's last event about membership that
// this read has seen: such events up to it are already in the answer.
struct MemberRow {
  UserId user_id;
  ChatId chat_id;
  EventId member_event_id;
};

// Somebody as others may see them.
struct PersonRow {
  UserId user_id;
  std::string fullname;
  std::string email;
};

// The chats of all these users, in one statement. Throws what Database::run throws.
awaitable<std::vector<MemberRow>> read_memberships(Database& database, std::vector<UserId> users);
// Their seats in chats that have so many members at most, the same way.
awaitable<std::vector<MemberRow>> read_small_memberships(Database& database,
                                                         std::vector<UserId> users,
                                                         std::size_t members_max);
// Those of these users who are in that workspace, by id. Throws the same.
awaitable<std::vector<PersonRow>> read_people(Database& database, WorkspaceId workspace,
                                              std::vector<UserId> users);
// Those of them who share a chat with the caller: this one, or, if it is none, any. The caller,
// too, if in it.
awaitable<std::vector<PersonRow>> read_fellows(Database& database, UserId caller, ChatId chat,
                                               std::vector<UserId> users);

}  // namespace fechatter::postgres
