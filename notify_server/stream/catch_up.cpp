#include "notify_server/stream/catch_up.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "notify_server/membership/recipients.hpp"
#include "notify_server/stream/catch_up_step.hpp"
#include "notify_server/stream/delivery_log.hpp"
#include "notify_server/stream/flush_queue.hpp"
#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t replay_step = 256;  // events looked at before other connections proceed

}  // namespace

CatchUp::CatchUp(const CatchUpContext& context, Executor executor, CatchUpSources sources)
    : context_{context},
      executor_{std::move(executor)},
      replay_source_{std::move(sources.replay)},
      version_source_{std::move(sources.versions)},
      loader_{context_.membership, executor_, std::move(sources.memberships), [this] {
                retry_waiting();
                context_.flush_queue.flush();
              }} {}

void CatchUp::begin(StreamConnection& connection) {
  auto& state = *connection.catch_up();
  state.began = state.opened = SteadyClock::now();
  // A fresh stream begins at this position, however long it waits for the database.
  if (state.cursor.kind == Cursor::Kind::none && warmed_up_ && !context_.ring.republishing()) {
    state.cursor = {Cursor::Kind::position, context_.ring.position()};
  }
  proceed(connection);
}

bool CatchUp::set_warmed_up() {
  warmed_up_ = true;
  return admitted_early_;
}

void CatchUp::retry_waiting() {
  for (auto* connection : std::exchange(waiting_, {})) {
    connection->catch_up()->waiting = false;
    proceed(*connection);
  }
}

void CatchUp::on_drained(StreamConnection& connection) {
  if (connection.catch_up() && connection.catch_up()->idle()) proceed(connection);
}

void CatchUp::remove(StreamConnection& connection) {
  const auto* state = connection.catch_up();
  if (state && state->waiting) std::erase(waiting_, &connection);
  if (state && state->queued) std::erase(queue_, &connection);
  // A read that is under way keeps the turn: else a client that reconnects starts one each time.
  if (state && !state->reading_slice) give_up_turn(connection, connection.user().id);
}

void CatchUp::on_events_lost(StreamConnection& connection) {
  if (connection.live()) {
    connection.restart_catch_up(reset_reason::events_lost);
    return begin(connection);
  }
  auto& state = *connection.catch_up();
  // Another instance has delivered to this client what is lost here.
  if (state.reset_reason.empty() && state.cursor.position >= context_.ring.position()) return;
  // A partial replay is never followed by a Reset.
  if (state.replaying) return connection.close(CloseCause::catch_up_failed);
  state.reset_reason = reset_reason::events_lost;
  state.began = SteadyClock::now();
}

void CatchUp::proceed(StreamConnection& connection) {
  const auto user = connection.user().id;
  if (connection.blocked()) return give_up_turn(connection, user);  // until on_drained()
  auto& state = *connection.catch_up();
  // Until the ring is warm, changes of membership go unseen.
  if (!warmed_up_ && may_wait_for_ring(state, context_.settings)) return wait(connection);
  if (connection.user().state == CachedUser::State::unknown) {
    admitted_early_ = admitted_early_ || !warmed_up_;
    loader_.request(connection.user());
  }
  if (connection.user().state != CachedUser::State::known) return wait(connection);
  // A client that connected before the stream existed is at the beginning of its first epoch.
  auto& cursor = state.cursor.position;
  if (cursor == Position{} && context_.ring.position().epoch > 0) cursor = {1, 0};
  const auto step = choose_step(state, context_.ring, context_.settings, at_head_at_);
  if (step.kind == CatchUpStep::Kind::replay_stream) return replay_stream(connection);
  state.slice.reset();
  give_up_turn(connection, user);
  switch (step.kind) {
    case CatchUpStep::Kind::wait: return wait(connection);
    case CatchUpStep::Kind::replay_ring: return replay_ring(connection);
    case CatchUpStep::Kind::replay_stream: return;
    case CatchUpStep::Kind::close: return connection.close(CloseCause::catch_up_failed);
    case CatchUpStep::Kind::reset: return reset(connection, step.reason);
  }
}

void CatchUp::reset(StreamConnection& connection, std::string_view reason) {
  connection.push(make_frame(reset_frame(context_.ring.resume_id(), reason)));
  context_.counts.resets.add();
  count_start(*connection.catch_up(), StreamStart::reset);
  go_live(connection, reason == reset_reason::cursor_ahead);
}

void CatchUp::wait(StreamConnection& connection) {
  auto& state = *connection.catch_up();
  const auto waited = SteadyClock::now() - state.began;
  if (waited >= context_.settings.catch_up_timeout) {
    return connection.close(CloseCause::catch_up_failed);
  }
  park(connection);
}

void CatchUp::park(StreamConnection& connection) {
  auto& state = *connection.catch_up();
  if (std::exchange(state.waiting, true)) return;
  waiting_.push_back(&connection);
}

bool CatchUp::take_turn(StreamConnection& connection) {
  const auto [turn, taken] = turns_.try_emplace(connection.user().id, &connection);
  // The time-out is for reads that fail, not for waiting until another replay is over.
  if (taken) connection.catch_up()->began = SteadyClock::now();
  return turn->second == &connection;
}

void CatchUp::give_up_turn(const StreamConnection& connection, UserId user) {
  const auto turn = turns_.find(user);
  if (turn == turns_.end() || turn->second != &connection) return;
  turns_.erase(turn);
  asio::post(executor_, [this] {
    retry_waiting();
    context_.flush_queue.flush();
  });
}

void CatchUp::replay_ring(StreamConnection& connection) {
  auto& state = *connection.catch_up();
  const auto& ring = context_.ring;
  if (state.cursor.kind == Cursor::Kind::none) state.cursor.position = ring.position();
  state.cursor.kind = Cursor::Kind::position;
  auto next = ring.after(state.cursor.position.stream_seq);
  for (std::size_t looked = 0; next != ring.end() && looked < replay_step; ++next, ++looked) {
    if (!replay_event(connection, *next)) break;
  }
  if (next != ring.end()) return enqueue(connection);
  count_start(state, state.has_cursor ? StreamStart::resumed : StreamStart::fresh);
  go_live(connection);
}

// False: the connection's queue has no room.
bool CatchUp::replay_event(StreamConnection& connection, const EventPtr& event) {
  if (!connection.has_room()) return false;
  auto& state = *connection.catch_up();
  state.cursor.move_to(event->position);
  if (!is_recipient(connection.user(), *event)) return true;
  // The slice may be older than the ring by the time that its client took.
  if (context_.ring.has_superseded(*event)) return true;
  connection.push(frame_of(event));
  if (context_.deliveries && event->shows_message() &&
      !context_.membership.is_large(event->chat_id)) {
    context_.deliveries->record(event->chat_id, event->seq, {connection.user().id});
  }
  state.replaying = true;
  ++state.replayed;
  return true;
}

// What was read before is replayed before anything else is read, unless the ring has evicted events
// that came since: what they superseded is unknown.
void CatchUp::replay_stream(StreamConnection& connection) {
  auto& state = *connection.catch_up();
  if (context_.ring.evicted_through() > state.slice_as_of) state.slice.reset();
  if (state.slice) return replay_slice(connection);
  if (!take_turn(connection)) return park(connection);
  state.reading_slice = true;
  asio::co_spawn(executor_, read_slice(connection.shared_from_this()), asio::detached);
}

// A failure of either read fails both, so that nothing is replayed whose version is unknown.
awaitable<ReplaySlice> CatchUp::read_present(WorkspaceId workspace, FrameId after) {
  auto reading = replay_source_(workspace, after, context_.ring.evicted_through());
  auto slice = co_await std::move(reading);
  auto messages = messages_in(slice);
  if (messages.empty()) co_return slice;
  auto looking = version_source_(std::move(messages));
  const auto versions = co_await std::move(looking);
  leave_out_superseded(slice, after.position, versions);
  co_return slice;
}

awaitable<> CatchUp::read_slice(std::shared_ptr<StreamConnection> connection) {
  const auto user = connection->user().id;
  const auto after = connection->catch_up()->cursor.id();
  const auto as_of = context_.ring.position().stream_seq;
  ReplaySlice slice;
  bool read = false;
  try {
    auto reading = read_present(connection->user().workspace_id, after);
    slice = co_await std::move(reading);
    read = true;
  } catch (const std::exception& error) {
    spdlog::warn("replay from the stream after {} failed; retrying: {}", to_string(after),
                 error.what());
  }
  if (connection->closed()) {
    give_up_turn(*connection, user);
    co_return;
  }
  auto& state = *connection->catch_up();
  state.reading_slice = false;
  const bool same_epoch = context_.ring.position().epoch == after.position.epoch;
  if (!read) {
    wait(*connection);
  } else if (!same_epoch || !state.reset_reason.empty()) {
    proceed(*connection);
  } else if (!slice.expired) {
    state.began = SteadyClock::now();
    state.slice = std::move(slice);
    state.slice_next = 0;
    state.slice_as_of = as_of;
    replay_slice(*connection);
  } else if (state.replaying) {
    connection->close(CloseCause::catch_up_failed);
  } else {
    state.reset_reason = reset_reason::no_longer_held;
    proceed(*connection);
  }
  context_.flush_queue.flush();
}

void CatchUp::replay_slice(StreamConnection& connection) {
  auto& state = *connection.catch_up();
  const auto& events = state.slice->events;
  while (state.slice_next < events.size() && replay_event(connection, events[state.slice_next])) {
    ++state.slice_next;
  }
  if (state.slice_next == events.size()) {
    state.cursor.move_to({state.cursor.position.epoch, state.slice->through});
    state.slice.reset();
  }
  enqueue(connection);
}

// The connection whose step is running stays first: one replay is finished after the other.
void CatchUp::enqueue(StreamConnection& connection) {
  connection.catch_up()->queued = true;
  if (current_ == &connection) {
    queue_.push_front(&connection);
  } else {
    queue_.push_back(&connection);
  }
  post_step();
}

void CatchUp::post_step() {
  if (queue_.empty() || std::exchange(step_posted_, true)) return;
  asio::post(executor_, [this] { run_step(); });
}

void CatchUp::run_step() {
  step_posted_ = false;
  if (queue_.empty()) return;
  current_ = queue_.front();
  queue_.pop_front();
  current_->catch_up()->queued = false;
  proceed(*current_);
  current_ = nullptr;
  context_.flush_queue.flush();
  post_step();
}

// A stream that was live before and got a Reset has been counted.
void CatchUp::count_start(const CatchUpState& state, StreamStart start) {
  if (state.was_live) return;
  auto& counts = context_.counts;
  counts.opened.add(start);
  if (start != StreamStart::resumed) return;
  counts.replay_times.observe(SteadyClock::now() - state.opened);
  counts.replay_sizes.observe(state.replayed);
}

void CatchUp::go_live(StreamConnection& connection, bool ahead) {
  if (!connection.catch_up()->was_live) {
    connection.push(make_frame(caught_up_frame(context_.ring.resume_id())));
  }
  connection.go_live(context_.ring.position().epoch, ahead);
}

}  // namespace fechatter::notify
