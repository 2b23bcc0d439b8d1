#pragma once

#include <vector>

#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// A membership. `member_event_id` is the chat's last membership event that this read includes:
// membership events up to it are to be ignored.
struct MemberRow {
  UserId user_id;
  ChatId chat_id;
  EventId member_event_id;
  bool ended = false;  // the chat was deleted, and is not erased yet
  bool large = false;  // the chat is beyond the fan-out member limit
};

// A user as other users may see the user.
struct PersonRow {
  UserId user_id;
  std::string fullname;
  std::string email;
};

// The memberships of all these users, ended ones too, in one statement. Throws what Database::run
// throws.
awaitable<std::vector<MemberRow>> read_memberships(Database& database, std::vector<UserId> users);
// Their memberships of chats that are not deleted and within the fan-out member limit, which
// fechatter_server has stored (relay_state), likewise.
awaitable<std::vector<MemberRow>> read_small_memberships(Database& database,
                                                         std::vector<UserId> users);
// Which users of a list by id are read: at most `count`, with greater ids.
struct PeoplePage {
  UserId after;
  std::int64_t count = 0;
};

// Those of `users` who belong to the workspace, by id. Throws the same.
awaitable<std::vector<PersonRow>> read_people(Database& database, WorkspaceId workspace,
                                              std::vector<UserId> users, PeoplePage page);
// Those of `users` who share `chat` with the caller, or any chat when `chat` is 0, by id. The
// caller counts, too, when a member, and comes first, on every page.
awaitable<std::vector<PersonRow>> read_fellows(Database& database, UserId caller, ChatId chat,
                                               std::vector<UserId> users, PeoplePage page);

}  // namespace fechatter::postgres
