#include "notify_server/stream/shard.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <unordered_set>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

// After so many updates, or a quarter of what may wait for a connection, everybody is flushed: a
// burst must not look like a reader that is slow.
constexpr std::size_t slice_events_max = 128;
constexpr std::size_t forget_max = 256;  // users in one tick
constexpr std::chrono::milliseconds drain_pause{50};

}  // namespace

// Only the shard's thread touches its sockets, so their reactor needs no locks.
Shard::Shard(const ShardSettings& settings, Sources sources, const auth::RevokedSessions& revoked,
             OnPresence on_presence)
    : settings_{settings},
      revoked_{revoked},
      on_presence_{std::move(on_presence)},
      slots_{std::max<std::size_t>(1, settings.heartbeat / settings.tick)},
      io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO},
      ticker_{io_},
      drainer_{io_},
      ring_{settings.ring},
      catch_up_{*this, Executor{io_.get_executor()}, std::move(sources)} {
  wait_for_tick();
}

// From the end: what `action` closes leaves its place to the last one.
template <class Action>
void Shard::for_each_place(Action action) {
  for (auto i = places_.size(); i-- > 0;) action(places_[i]);
}

void Shard::run() {
  io_.run();
}

void Shard::stop() {
  inbox_.stop();
  io_.stop();
}

void Shard::deliver(const std::vector<StreamUpdate>& updates) {
  if (inbox_.put(updates)) asio::post(io_, [this] { take_inbox(); });
}

void Shard::take_inbox() {
  const auto updates = inbox_.take();
  const auto slice_events = std::min(slice_events_max, settings_.connection_events_max / 4 + 1);
  std::size_t events = 0;
  std::size_t bytes = 0;
  for (const auto& update : updates) {
    take(update);
    if (update.event) bytes += update.event->frame.size();
    if (++events < slice_events && bytes < settings_.connection_bytes_max / 4) continue;
    flush_dirty();
    events = bytes = 0;
  }
  catch_up_.retry_waiting();
  flush_dirty();
}

void Shard::take(const StreamUpdate& update) {
  if (update.position.epoch != ring_.position().epoch) begin_epoch(update);
  const bool was_republishing = ring_.republishing();
  if (update.event) ring_.append(update.event);
  switch (update.kind) {
    case StreamUpdate::Kind::event:
      // What fills the log at the start is old: nobody is told.
      if (catch_up_.warmed_up())
        tell(*update.event, frame_of(update.event, ring_.resume_position()));
      break;
    case StreamUpdate::Kind::republished:
      // Told before; but what was lost in between may be told only now, and the last word counts.
      admit(*update.event);
      dismiss(*update.event);
      break;
    case StreamUpdate::Kind::empty: ring_.advance(update.position); break;
    case StreamUpdate::Kind::lost:
      ring_.restart(update.position, update.republish_through);
      return start_over();
    case StreamUpdate::Kind::warmed_up:
      ring_.advance(update.position);
      if (catch_up_.set_warmed_up()) send_everybody_back();
      break;
    case StreamUpdate::Kind::at_head: return catch_up_.set_at_head();
  }
  if (was_republishing && !ring_.republishing()) tell_position();
}

void Shard::begin_epoch(const StreamUpdate& update) {
  const bool first = ring_.position().epoch == 0;
  const auto before = update.position.stream_seq - (update.event ? 1 : 0);
  ring_.begin_epoch({update.position.epoch, before}, update.republish_through);
  // What is told again goes back an hour or so; a change of membership before that, which this
  // instance had not seen when the stream was lost, is known by the database idle.
  if (!first && catch_up_.warmed_up()) catch_up_.read_memberships_again();
  // Where they were, the stream was lost; this epoch tells what they may have heard there.
  for_each_place([this](const Place& place) {
    if (place.connection->ahead()) catch_up_.start_over(*place.connection);
  });
}

// Everybody live gets a position of the new epoch, so that coming back costs no Reset.
void Shard::tell_position() {
  if (!catch_up_.warmed_up()) return;
  const auto frame = make_frame(heartbeat_frame(ring_.resume_position(), now()));
  for (const auto& place : places_) {
    if (place.connection->live()) place.connection->push(frame);
  }
}

// Changes of membership may be among what was lost, so nobody is what the maps say: everybody is
// read from the database again, and gets one Reset.
void Shard::start_over() {
  flush_dirty();
  membership_.invalidate();
  catch_up_.discard_reads();
  for_each_place([this](const Place& place) { catch_up_.start_over(*place.connection); });
}

// The same, for those who were let in before the log was known: they resume without a Reset.
void Shard::send_everybody_back() {
  flush_dirty();
  for_each_place([](const Place& place) { place.connection->close(); });
  catch_up_.discard_reads();
  membership_.invalidate();
}

void Shard::tell(const Event& event, const Frame& frame) {
  ++deliveries_;
  // Whoever is added hears of it as a member; whoever is removed hears of it, and of nothing after
  // it.
  admit(event);
  switch (event.audience) {
    case event::AudienceKind::chat:
      for (auto* user : membership_.members(event.chat_id)) tell(*user, event, frame);
      break;
    case event::AudienceKind::workspace:
      for (auto* user : membership_.of_workspace(event.workspace_id)) tell(*user, event, frame);
      break;
    case event::AudienceKind::users:
      for (const auto chat : event.chats) {
        for (auto* user : membership_.members(chat)) tell(*user, event, frame);
      }
      break;
  }
  for (const auto* named : {&event.users, &event.added, &event.removed}) {
    for (const auto id : *named) {
      if (auto* user = membership_.find(id)) tell(*user, event, frame);
    }
  }
  dismiss(event);
}

void Shard::admit(const Event& event) {
  membership_.add(event.chat_id, event.added, event.event_id);
}

void Shard::dismiss(const Event& event) {
  membership_.remove(event.chat_id, event.removed, event.event_id);
  if (event.ends_chat) membership_.remove_chat(event.chat_id, event.event_id);
}

void Shard::tell(CachedUser& user, const Event& event, const Frame& frame) {
  if (user.last_delivery == deliveries_ || user.workspace_id != event.workspace_id) return;
  user.last_delivery = deliveries_;
  if (user.id == event.subject) return;
  for (auto* connection : user.connections) {
    const bool has_way = !event.ephemeral || !connection->blocked();
    if (connection->live() && has_way && !connection->is_past(event)) connection->push(frame);
  }
}

void Shard::fan_out_ephemeral(std::vector<EventPtr> events) {
  asio::post(io_, [this, events = std::move(events)] {
    for (const auto& event : events) tell(*event, frame_of(event));
    flush_dirty();
  });
}

void Shard::flush_dirty() {
  flushing_.swap(dirty_);
  for (auto* connection : flushing_) connection->flush();
  flushing_.clear();
}

void Shard::adopt(StreamRequest request, SocketHandle socket) {
  asio::post(io_, [this, request = std::move(request), socket = std::move(socket)]() mutable {
    open(request, std::move(socket));
    flush_dirty();
  });
}

void Shard::open(const StreamRequest& request, SocketHandle handle) {
  // Revoked between the front's check and here.
  if (draining_ || revoked_.contains(request.session_id)) return;
  StreamSocket socket{io_};
  boost::system::error_code error;
  const auto protocol = handle.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  socket.assign(protocol, handle.descriptor(), error);
  if (error) return;
  handle.release();

  CachedUser& user = membership_.find_or_add(request.user_id, request.workspace_id);
  make_room_for_another(user);
  const auto connection =
      std::make_shared<StreamConnection>(*this, user, request, std::move(socket));
  if (user.connections.empty()) note_presence(user, true);
  user.connections.push_back(connection.get());
  connection->place = places_.size();
  places_.push_back({connection, request.session_id, request.expires_at, choose_slot()});
  count();
  connection->start();
  connection->push(make_frame(request.head + retry_line(settings_.retry)));
  catch_up_.begin(*connection);
}

// In half an interval at the earliest, and spread, even when everybody comes at once.
std::size_t Shard::choose_slot() {
  const auto later_half = slots_ - slots_ / 2;
  return (ticks_ + slots_ / 2 + connections_opened_++ % later_half) % slots_;
}

void Shard::make_room_for_another(CachedUser& user) {
  while (!user.connections.empty() && user.connections.size() >= settings_.connections_per_user) {
    user.connections.front()->close();
  }
}

void Shard::drained(StreamConnection& connection) {
  catch_up_.drained(connection);
  flush_dirty();
}

void Shard::forget(StreamConnection& connection) {
  catch_up_.forget(connection);
  std::erase(dirty_, &connection);
  CachedUser& user = connection.user();
  std::erase(user.connections, &connection);
  if (user.connections.empty()) {
    note_presence(user, false);
    membership_.mark_idle(user, SteadyClock::now());
  }
  const auto place = connection.place;
  std::swap(places_[place], places_.back());
  places_[place].connection->place = place;
  places_.pop_back();
  count();
  if (draining_ && places_.empty()) drained_.set_value();
}

void Shard::close_sessions(std::vector<SessionId> sessions) {
  asio::post(io_, [this, gone = std::unordered_set(sessions.begin(), sessions.end())] {
    for_each_place([&gone](const Place& place) {
      if (gone.contains(place.session)) place.connection->close();
    });
  });
}

std::future<void> Shard::drain(std::chrono::milliseconds window) {
  auto drained = drained_.get_future();
  asio::post(io_, [this, window] {
    draining_ = true;
    if (places_.empty()) return drained_.set_value();
    drain_step(static_cast<std::size_t>(window / drain_pause) + 1);
  });
  return drained;
}

void Shard::drain_step(std::size_t steps_left) {
  const auto share = (places_.size() + steps_left - 1) / steps_left;
  for (std::size_t i = 0; i < share; ++i) places_.back().connection->close();
  if (places_.empty()) return;
  drainer_.expires_after(drain_pause);
  drainer_.async_wait([this, steps_left](const auto& error) {
    if (!error) drain_step(steps_left - 1);
  });
}

void Shard::wait_for_tick() {
  ticker_.expires_after(settings_.tick);
  ticker_.async_wait([this](const auto& error) {
    if (error) return;
    tick();
    wait_for_tick();
  });
}

void Shard::tick() {
  const auto wall_now = std::chrono::system_clock::now();
  for_each_place([wall_now](const Place& place) {
    if (place.expires_at <= wall_now) place.connection->close();
  });
  catch_up_.retry_waiting();
  send_heartbeats();
  membership_.evict_idle(SteadyClock::now() - settings_.known_user, forget_max);
  count();
  flush_dirty();
}

void Shard::send_heartbeats() {
  const auto slot = ticks_++ % slots_;
  // Whoever was let in before the log was known has not been handed what fills it.
  if (!catch_up_.warmed_up()) return;
  Frame frame;
  for (const auto& place : places_) {
    if (place.slot != slot || !place.connection->live()) continue;
    if (!frame) frame = make_frame(heartbeat_frame(ring_.resume_position(), now()));
    place.connection->push(frame);
  }
}

awaitable<std::vector<ChatId>> Shard::active_chats() {
  std::vector<ChatId> chats;
  membership_.for_each_chat([&chats](ChatId chat, const std::vector<CachedUser*>& users) {
    const auto is_online = [](const CachedUser* user) { return !user->connections.empty(); };
    if (std::any_of(users.begin(), users.end(), is_online)) chats.push_back(chat);
  });
  co_return chats;
}

void Shard::note_presence(const CachedUser& user, bool online) {
  online_users_ += online ? 1 : -1;
  if (on_presence_) on_presence_({user.id, user.workspace_id}, online);
}

void Shard::count() {
  counts_.connections = places_.size();
  counts_.online_users = online_users_;
  counts_.known_users = membership_.users();
}

}  // namespace fechatter::notify
