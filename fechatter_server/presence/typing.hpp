#pragma once

#include "fechatter_core/event/fan_out_settings.hpp"
#include "fechatter_core/postgres/database.hpp"
#include "fechatter_server/presence/activity_reports.hpp"

namespace fechatter::server {

// Publishes that a member types in a chat, or has stopped. Any thread.
class Typing {
 public:
  Typing(const event::FanOutSettings& fan_out, postgres::Database& database,
         ActivityReports& reports)
      : fan_out_{fan_out}, database_{database}, reports_{reports} {}

  // One statement. In a chat of more members than the fan-out member limit nothing follows. Throws
  // chat_not_found for a non-member, chat_archived, chat_read_only, and what Database::run throws.
  awaitable<> set(auth::Identity user, ChatId chat, bool is_typing);

 private:
  const event::FanOutSettings fan_out_;
  postgres::Database& database_;
  ActivityReports& reports_;
};

}  // namespace fechatter::server
