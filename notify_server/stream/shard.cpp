#include "notify_server/stream/shard.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

// After so many updates, or a quarter of a connection's queue, the connections are flushed: a burst
// must not look like a slow consumer.
constexpr std::size_t slice_events_max = 128;
constexpr std::size_t evictions_max = 256;  // in one tick

std::size_t heartbeat_slots(const ShardSettings& settings) {
  return std::max<std::size_t>(1, settings.heartbeat / settings.tick);
}

}  // namespace

// Only the shard's thread touches its sockets, so their reactor needs no locks.
Shard::Shard(const ShardSettings& settings, CatchUpSources sources,
             const auth::RevokedSessions& revoked, OnStream on_stream, DeliveryLog* deliveries)
    : settings_{settings},
      revoked_{revoked},
      on_stream_{std::move(on_stream)},
      deliveries_{deliveries},
      io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO},
      ticker_{io_},
      ring_{settings.ring},
      connections_{heartbeat_slots(settings)},
      drain_{io_, connections_},
      session_checks_{connections_, Executor{io_.get_executor()}, std::move(sources.sessions),
                      revoked.token_life()},
      catch_up_{{settings_, ring_, membership_, flush_queue_, counts_, deliveries},
                Executor{io_.get_executor()},
                std::move(sources)} {
  schedule_tick();
}

void Shard::stop() {
  inbox_.stop();
  io_.stop();
}

void Shard::deliver(const std::vector<StreamUpdate>& updates) {
  if (inbox_.put(updates)) asio::post(io_, [this] { apply_updates(); });
}

void Shard::apply_updates() {
  const auto updates = inbox_.take_all();
  const auto slice_events = std::min(slice_events_max, settings_.connection_events_max / 4 + 1);
  std::size_t events = 0;
  std::size_t bytes = 0;
  Traced traced;
  for (const auto& update : updates) {
    fanned_out_ = 0;
    apply(update);
    if (update.trace) traced.emplace_back(update.trace.get(), fanned_out_);
    if (update.event) bytes += update.event->frame.size();
    if (++events < slice_events && bytes < settings_.connection_bytes_max / 4) continue;
    flush_queue_.flush();
    record(traced);
    events = bytes = 0;
  }
  catch_up_.retry_waiting();
  flush_queue_.flush();
  record(traced);
}

void Shard::record(Traced& traced) {
  for (const auto& [trace, connections] : traced) {
    if (connections > 0) trace->record_delivery(connections);
  }
  traced.clear();
}

void Shard::apply(const StreamUpdate& update) {
  if (update.position.epoch != ring_.position().epoch) begin_epoch(update);
  const bool was_republishing = ring_.republishing();
  if (update.event) ring_.append(update.event);
  switch (update.kind) {
    case StreamUpdate::Kind::event:
      // The events that warm up the ring are old: no connection needs them yet.
      if (catch_up_.warmed_up()) {
        fan_out(*update.event, frame_of(update.event, ring_.resume_id()));
        const auto& others = update.event->ephemeral_part;
        if (others && !ring_.republishing()) fan_out(*others, frame_of(others));
      }
      break;
    case StreamUpdate::Kind::republished:
      // Delivered before, but intermediate changes of membership may arrive only now: the latest
      // state wins.
      recipients_.apply_changes(*update.event);
      break;
    case StreamUpdate::Kind::empty: ring_.advance(update.position, update.erased); break;
    case StreamUpdate::Kind::lost:
      ring_.restart(update.position, update.republish_through);
      return on_events_lost();
    case StreamUpdate::Kind::warmed_up:
      ring_.advance(update.position);
      if (catch_up_.set_warmed_up()) close_admitted_early();
      break;
    case StreamUpdate::Kind::at_head: return catch_up_.set_at_head();
  }
  if (was_republishing && !ring_.republishing()) send_position();
}

void Shard::begin_epoch(const StreamUpdate& update) {
  const bool first = ring_.position().epoch == 0;
  const auto before = update.position.stream_seq - (update.event ? 1 : 0);
  ring_.begin_epoch({update.position.epoch, before}, update.republish_through);
  // The republished backlog goes back an hour or so. An older change of membership that was lost
  // before this instance read it is in the database only.
  if (!first && catch_up_.warmed_up()) catch_up_.reload_memberships();
  // Another instance delivered events of the lost stream to these clients, as this epoch will.
  connections_.for_each([this](StreamConnection& connection) {
    if (connection.was_ahead()) catch_up_.on_events_lost(connection);
  });
}

// Live connections get a resumable position of the new epoch, so that a reconnect needs no Reset.
void Shard::send_position() {
  if (!catch_up_.warmed_up()) return;
  const auto frame = make_frame(heartbeat_frame(ring_.resume_id(), now()));
  connections_.for_each_live([&frame](StreamConnection& connection) { connection.push(frame); });
}

// Changes of membership may be among the lost events: the cache is stale. The memberships are read
// again for every connected user, and each connection gets one Reset.
void Shard::on_events_lost() {
  flush_queue_.flush();
  membership_.invalidate();
  catch_up_.discard_reads();
  connections_.for_each(
      [this](StreamConnection& connection) { catch_up_.on_events_lost(connection); });
}

// Connections that were admitted before the ring was warm resume without a Reset.
void Shard::close_admitted_early() {
  flush_queue_.flush();
  connections_.for_each(
      [](StreamConnection& connection) { connection.close(CloseCause::warmed_up); });
  catch_up_.discard_reads();
  membership_.invalidate();
}

void Shard::fan_out(const Event& event, const Frame& frame) {
  const bool recorded =
      deliveries_ && event.shows_message() && !membership_.is_large(event.chat_id);
  written_to_.clear();
  recipients_.for_each(event, [&](const CachedUser& user) {
    bool written = false;
    for (auto* connection : user.connections) {
      if (!connection->wants(event)) continue;
      connection->push(frame, event.committed_at);
      ++fanned_out_;
      written |= !connection->blocked();
    }
    if (recorded && written) written_to_.push_back(user.id);
  });
  if (recorded) deliveries_->record(event.chat_id, event.seq, written_to_);
}

void Shard::fan_out_ephemeral(std::vector<EventPtr> events) {
  asio::post(io_, [this, events = std::move(events)] {
    for (const auto& event : events) {
      if (ring_.republishing() && event->chat_id.value != 0) continue;
      const auto frame = frame_of(event);
      fan_out(*event, frame);
      if (event->to_subscribers) fan_out_to_subscribers(*event, frame);
    }
    flush_queue_.flush();
  });
}

template <class Action>
void Shard::for_each_of(const CachedUser& user, SessionId session, Action action) const {
  for (auto* connection : user.connections) {
    if (connections_.session_of(*connection) == session) action(*connection);
  }
}

// A session that shares a chat with the subject has the event already.
void Shard::fan_out_to_subscribers(const Event& event, const Frame& frame) {
  subscriptions_.for_each(event.subject, [&](const CachedUser& user, SessionId session) {
    if (user.workspace_id != event.workspace_id || recipients_.has_visited(user)) return;
    for_each_of(user, session, [&](StreamConnection& connection) {
      if (connection.wants(event)) connection.push(frame);
    });
  });
}

void Shard::subscribe(PresenceSubscription subscription,
                      std::function<std::vector<std::string>()> read_present) {
  asio::post(io_, [this, subscription = std::move(subscription),
                   read_present = std::move(read_present)]() mutable {
    auto* user = membership_.find(subscription.user.user_id);
    if (!user || user->workspace_id != subscription.user.workspace_id) return;
    std::vector<StreamConnection*> streams;
    for_each_of(*user, subscription.session_id,
                [&streams](StreamConnection& connection) { streams.push_back(&connection); });
    if (streams.empty()) return;
    subscriptions_.set(*user, subscription.session_id, std::move(subscription.subjects));
    std::string present;
    for (const auto& frame : read_present()) present += frame;
    if (present.empty()) return;
    const auto frames = make_frame(std::move(present));
    for (auto* connection : streams) {
      if (connection->live() && !connection->blocked()) connection->push(frames);
    }
    flush_queue_.flush();
  });
}

void Shard::adopt(StreamRequest request, SocketHandle socket) {
  asio::post(io_, [this, request = std::move(request), socket = std::move(socket)]() mutable {
    open(request, std::move(socket));
    flush_queue_.flush();
  });
}

void Shard::open(const StreamRequest& request, SocketHandle handle) {
  // The session may have been revoked since the front checked it.
  if (drain_.begun() || revoked_.contains(request.session_id)) return;
  auto socket = handle.move_to(io_);
  if (!socket.is_open()) return;
  CachedUser& user = membership_.find_or_add(request.user_id, request.workspace_id);
  while (!user.connections.empty() && user.connections.size() >= settings_.connections_per_user) {
    user.connections.front()->close(CloseCause::connection_limit);
  }
  const auto connection =
      std::make_shared<StreamConnection>(context_, user, request, std::move(socket));
  if (user.connections.empty()) ++online_users_;
  user.connections.push_back(connection.get());
  connections_.add(connection, request);
  report_stream(user, request.session_id, true);
  update_counts();
  connection->start();
  connection->push(make_frame(request.head + retry_line(settings_.retry)));
  catch_up_.begin(*connection);
}

void Shard::on_drained(StreamConnection& connection) {
  catch_up_.on_drained(connection);
  flush_queue_.flush();
}

void Shard::on_closed(StreamConnection& connection, CloseCause cause) {
  counts_.closed.add(cause);
  catch_up_.remove(connection);
  flush_queue_.remove(connection);
  CachedUser& user = connection.user();
  const auto session = connections_.session_of(connection);
  std::erase(user.connections, &connection);
  bool session_is_open = false;
  for_each_of(user, session, [&](const StreamConnection&) { session_is_open = true; });
  if (!session_is_open) subscriptions_.remove(session);
  report_stream(user, session, false);
  if (user.connections.empty()) {
    --online_users_;
    membership_.mark_idle(user, SteadyClock::now());
  }
  connections_.remove(connection);
  update_counts();
  drain_.on_closed();
}

void Shard::close_sessions(std::vector<SessionId> sessions) {
  asio::post(io_, [this, gone = std::unordered_set(sessions.begin(), sessions.end())] {
    connections_.close_sessions(gone);
  });
}

std::future<void> Shard::drain(std::chrono::milliseconds window) {
  asio::post(io_, [this, window] { drain_.begin(window); });
  return drain_.finished();
}

void Shard::schedule_tick() {
  ticker_.expires_after(settings_.tick);
  ticker_.async_wait([this](const auto& error) {
    if (!error) tick();
  });
}

void Shard::tick() {
  const auto time = std::chrono::floor<std::chrono::seconds>(now());
  connections_.close_expired(time, revoked_.token_life());
  session_checks_.proceed(time);
  catch_up_.retry_waiting();
  send_heartbeats();
  membership_.evict_idle(SteadyClock::now() - settings_.known_user, evictions_max);
  update_counts();
  flush_queue_.flush();
  schedule_tick();
}

void Shard::send_heartbeats() {
  const auto slot = connections_.next_slot();
  // A connection that was admitted early does not have the events that warm up the ring.
  if (!catch_up_.warmed_up()) return;
  Frame frame;
  connections_.for_each_due(slot, [&](StreamConnection& connection) {
    if (!frame) frame = make_frame(heartbeat_frame(ring_.resume_id(), now()));
    connection.push(frame);
  });
}

awaitable<std::vector<ChatId>> Shard::active_chats() {
  co_return membership_.active_chats();
}

void Shard::report_stream(const CachedUser& user, SessionId session, bool opened) {
  if (on_stream_) on_stream_({user.id, user.workspace_id}, session, opened);
}

void Shard::update_counts() {
  counts_.connections = connections_.size();
  counts_.online_users = online_users_;
  counts_.known_users = membership_.users();
  counts_.ring_events = ring_.size();
  counts_.ring_bytes = ring_.bytes();
}

}  // namespace fechatter::notify
