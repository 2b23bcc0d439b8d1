#pragma once

#include <atomic>
#include <memory>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/event/activity_message.hpp"
#include "fechatter_core/postgres/presence_rows.hpp"
#include "notify_server/presence/presence_channel.hpp"
#include "notify_server/presence/subscription_message.hpp"

namespace fechatter::notify {

class Hub;

// Presence with what it needs: reads chats and words from the database, stores when users were
// last seen, fans changes out to the hub's streams, and passes the lists of subscriptions on to
// the other instances. Any thread.
class PresenceService {
 public:
  // REQUIRES: `database`, `hub` and `io` outlive it. Coroutines run on `io`.
  PresenceService(const nats::Settings& nats, const PresenceSettings& settings,
                  postgres::Database& database, Hub& hub, asio::io_context& io);

  // Begins to store, and to report what changes from now on. Call once, before clients can ask.
  void start();
  // As PresenceChannel; and until the lists of subscriptions are received.
  bool wait_until_informed(SteadyClock::time_point deadline);
  // An OnStream.
  void set_stream(PresenceUser user, SessionId session, bool opened);
  void note(const event::ActivityMessage& message);
  // On any instance.
  std::vector<UserId> present_in(WorkspaceId workspace) const {
    return channel_.present_in(workspace);
  }
  UserState state_of(UserId user) const { return channel_.state_of(user); }
  // The session gets the presence of these users, on whichever instance it has a stream, instead of
  // those that it subscribed to before; the present one at once. REQUIRES: 200 at most. Throws
  // invalid_fields for users of another workspace, nats_unavailable when it cannot be passed on,
  // and what Database::run throws.
  awaitable<> subscribe(auth::Identity subscriber, std::vector<UserId> subjects);
  // Publishes that this instance ends.
  void leave() { channel_.leave(); }

 private:
  bool is_ready() const;
  void begin(PresenceWork work);
  awaitable<> do_work(PresenceWork work);
  awaitable<bool> read_words(std::vector<UserId> users);
  awaitable<bool> fan_out(std::vector<PresenceChange> changes);
  void receive(std::string_view text);
  void apply(const SubscriptionMessage& message);

  postgres::Database& database_;
  Hub& hub_;
  const Executor strand_;
  postgres::PresenceWriter writer_;
  const std::uint64_t self_;
  std::atomic<bool> busy_{false};
  std::atomic<SteadyClock::time_point> resting_until_{};
  PresenceChannel channel_;
  nats::RealtimeChannel subscriptions_;
};

}  // namespace fechatter::notify
