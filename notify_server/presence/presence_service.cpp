#include "notify_server/presence/presence_service.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/postgres/membership_reads.hpp"
#include "notify_server/presence/instance_id.hpp"
#include "notify_server/presence/presence_events.hpp"
#include "notify_server/stream/hub.hpp"
#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

constexpr std::chrono::seconds rest_after_failure{1};

Error foreign_users(const std::vector<UserId>& wanted, const std::vector<postgres::SeenRow>& own) {
  std::string detail{"no users of this workspace"};
  const char* separator = ": ";
  for (const auto user : wanted) {
    if (std::ranges::find(own, user, &postgres::SeenRow::user_id) != own.end()) continue;
    detail += separator + std::to_string(user.value);
    separator = ", ";
  }
  return invalid_field("user_ids", detail);
}

}  // namespace

PresenceService::PresenceService(const nats::Settings& nats, const PresenceSettings& settings,
                                 postgres::Database& database, Hub& hub, asio::io_context& io)
    : database_{database},
      hub_{hub},
      strand_{io.get_executor()},
      writer_{database},
      self_{random_instance_id()},
      channel_{nats::named(nats, "presence"),
               settings,
               {.is_ready = [this] { return is_ready(); },
                .on_work = [this](PresenceWork work) { begin(std::move(work)); }}},
      subscriptions_{nats::named(nats, "subscriptions"),
                     event::subscriptions_subject,
                     {.on_message = [this](std::string_view text) { receive(text); }}} {}

void PresenceService::start() {
  channel_.begin_reports();
  asio::co_spawn(strand_, writer_.run(), asio::detached);
}

bool PresenceService::wait_until_informed(SteadyClock::time_point deadline) {
  return channel_.wait_until_informed(deadline) && subscriptions_.wait_until_connected(deadline);
}

void PresenceService::set_stream(PresenceUser user, SessionId session, bool opened) {
  channel_.set_stream(user, session, opened);
  writer_.note_seen(user.user_id, now());
}

void PresenceService::note(const event::ActivityMessage& message) {
  const PresenceUser user{message.user_id, message.workspace_id};
  if (message.said) {
    channel_.note_said(user, {*message.said == PresenceStatus::away, message.at});
  }
  if (channel_.note_activity(user, message.session_id, message.platform)) {
    writer_.note_seen(user.user_id, message.at);
  }
}

bool PresenceService::is_ready() const {
  return !busy_ && SteadyClock::now() >= resting_until_.load();
}

void PresenceService::begin(PresenceWork work) {
  busy_ = true;
  asio::co_spawn(strand_, do_work(std::move(work)), asio::detached);
}

// Words come before changes, so that a user that is away is not reported as online first.
awaitable<> PresenceService::do_work(PresenceWork work) {
  auto reading = read_words(std::move(work.unread));
  const bool read = co_await std::move(reading);
  auto fanning_out = fan_out(std::move(work.changes));
  const bool fanned_out = co_await std::move(fanning_out);
  if (!read || !fanned_out) resting_until_ = SteadyClock::now() + rest_after_failure;
  busy_ = false;
}

awaitable<bool> PresenceService::read_words(std::vector<UserId> users) {
  if (users.empty()) co_return true;
  try {
    auto reading = postgres::read_said(database_, users);
    const auto rows = co_await std::move(reading);
    for (const auto& row : rows) channel_.note_said({row.user_id, {}}, {row.away, row.said_at});
    co_return true;
  } catch (const std::exception& error) {
    spdlog::debug("presence: words not read; retrying: {}", error.what());
  }
  channel_.read_again(users);
  co_return false;
}

awaitable<bool> PresenceService::fan_out(std::vector<PresenceChange> changes) {
  if (changes.empty()) co_return true;
  std::vector<UserId> users;
  for (const auto& change : changes) users.push_back(change.user.user_id);
  try {
    auto reading = postgres::read_small_memberships(database_, std::move(users));
    const auto memberships = co_await std::move(reading);
    hub_.fan_out_ephemeral(make_presence_events(changes, memberships));
    co_return true;
  } catch (const std::exception& error) {
    spdlog::debug("presence: changes wait: {}", error.what());
  }
  channel_.repeat(changes);
  co_return false;
}

awaitable<> PresenceService::subscribe(auth::Identity subscriber, std::vector<UserId> subjects) {
  std::ranges::sort(subjects);
  const auto repeated = std::ranges::unique(subjects);
  subjects.erase(repeated.begin(), repeated.end());
  auto reading = postgres::read_last_seen(database_, subscriber.workspace_id, subjects);
  const auto rows = co_await std::move(reading);
  if (rows.size() != subjects.size()) throw foreign_users(subjects, rows);
  if (!subscriptions_.connected()) {
    throw Error{ErrorCode::nats_unavailable, "The list has not reached the other instances."};
  }
  SubscriptionMessage message{
      self_, {subscriber.user_id, subscriber.workspace_id}, subscriber.session_id};
  for (const auto& row : rows) message.subjects.push_back({row.user_id, row.last_seen});
  apply(message);
  subscriptions_.publish(to_text(message));
}

void PresenceService::receive(std::string_view text) {
  const auto message = parse_subscription(text);
  if (!message) {
    return spdlog::warn("malformed message on {} ignored", event::subscriptions_subject);
  }
  if (message->instance != self_) apply(*message);
}

// The present states are read on the shard's thread, behind all changes that went to it before.
void PresenceService::apply(const SubscriptionMessage& message) {
  PresenceSubscription subscription{message.user, message.session_id, {}};
  for (const auto& subject : message.subjects) subscription.subjects.push_back(subject.user_id);
  auto read_present = [this, subjects = message.subjects] {
    std::vector<std::string> frames;
    for (const auto& subject : subjects) {
      const auto state = channel_.state_of(subject.user_id);
      const bool offline = state.status == PresenceStatus::offline;
      const auto last_seen = offline ? subject.last_seen : wall_time(state.since);
      frames.push_back(presence_frame(subject.user_id, state.status, last_seen, state.platform));
    }
    return frames;
  };
  hub_.subscribe(std::move(subscription), std::move(read_present));
}

}  // namespace fechatter::notify
