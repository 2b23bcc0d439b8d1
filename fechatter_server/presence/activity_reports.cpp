#include "fechatter_server/presence/activity_reports.hpp"

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

constexpr http::Quota active_quota{1, std::chrono::seconds{30}, 1};

event::ActivityMessage message_of(const auth::Identity& user) {
  return {user.user_id, user.workspace_id, user.session_id, now()};
}

}  // namespace

ActivityReports::ActivityReports(nats::Settings nats, postgres::Database& database,
                                 std::size_t sessions_max)
    : active_{active_quota, sessions_max},
      writer_{database},
      channel_{std::move(nats), event::activity_subject, {}} {}

void ActivityReports::note_active(const auth::Identity& user) {
  const auto session = static_cast<std::uint64_t>(user.session_id.value);
  if (active_.charge(session).allowed) publish(message_of(user));
}

void ActivityReports::say(const auth::Identity& user, PresenceStatus said, std::string platform) {
  auto message = message_of(user);
  message.said = said;
  message.platform = std::move(platform);
  writer_.note_said(user.user_id, said == PresenceStatus::away, message.at);
  publish(message);
}

void ActivityReports::type(const auth::Identity& user, event::ActivityMessage::Typing typing) {
  auto message = message_of(user);
  message.typing = std::move(typing);
  publish(message);
}

void ActivityReports::publish(const event::ActivityMessage& message) {
  channel_.publish(event::to_text(message));
}

}  // namespace fechatter::server
