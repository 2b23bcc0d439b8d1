#pragma once

#include <functional>

#include "fechatter_core/event/fan_out_settings.hpp"
#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

namespace fechatter::server {

struct MemberLimits {
  event::FanOutSettings fan_out;
  std::int64_t members_max = 100'000;  // of a chat
};

class PostgresChatMemberRepository : public ChatMemberRepository {
 public:
  // `committed` is called after each change that has an event, on the caller's thread.
  PostgresChatMemberRepository(postgres::Database& database, MemberLimits limits,
                               std::function<void()> committed)
      : database_{database}, limits_{limits}, committed_{std::move(committed)} {}

  awaitable<std::optional<std::vector<ChatMember>>> list(WorkspaceId workspace, UserId member,
                                                         ChatId chat, UserId after,
                                                         std::int64_t limit) override;
  awaitable<AddedMembers> add(WorkspaceId workspace, UserId caller, ChatId chat,
                              std::vector<UserId> users) override;
  awaitable<ChatOutcome> remove(WorkspaceId workspace, UserId caller, ChatId chat,
                                std::vector<UserId> users) override;
  awaitable<ChangedMember> set_role(WorkspaceId workspace, UserId caller, ChatId chat,
                                    UserId member, ChatRole role) override;
  awaitable<ChangedChat> join(WorkspaceId workspace, UserId caller, ChatId chat) override;
  awaitable<ChatOutcome> leave(WorkspaceId workspace, UserId caller, ChatId chat) override;

 private:
  postgres::Database& database_;
  const MemberLimits limits_;
  const std::function<void()> committed_;
};

}  // namespace fechatter::server
