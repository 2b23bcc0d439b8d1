#include "notify_server/stream/catch_up.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "notify_server/stream/shard.hpp"
#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t load_max = 1000;    // users of one statement
constexpr std::size_t replay_step = 256;  // events looked at before others have their turn
constexpr std::string_view cursor_ahead = "cursor_ahead";
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{1000};

bool names(const std::vector<UserId>& sorted, UserId user) {
  return std::binary_search(sorted.begin(), sorted.end(), user);
}

bool is_in_any(const CachedUser& user, const std::vector<ChatId>& chats) {
  return std::any_of(chats.begin(), chats.end(),
                     [&user](ChatId chat) { return user.is_member(chat); });
}

// As of now: what was said in a chat that the user has left since is not for them.
bool is_for(const CachedUser& user, const Event& event) {
  if (user.workspace_id != event.workspace_id) return false;
  switch (event.audience) {
    case event::AudienceKind::workspace: return true;
    case event::AudienceKind::chat:
      if (user.is_member(event.chat_id)) return true;
      break;
    case event::AudienceKind::users:
      if (names(event.users, user.id) || is_in_any(user, event.chats)) return true;
      break;
  }
  return names(event.added, user.id) || names(event.removed, user.id);
}

}  // namespace

CatchUp::CatchUp(Shard& shard, Executor executor, Sources sources)
    : shard_{shard}, executor_{std::move(executor)}, sources_{std::move(sources)} {}

void CatchUp::begin(StreamConnection& connection) {
  auto& join = *connection.join();
  join.began = SteadyClock::now();
  // A fresh stream begins here and now, whatever happens while it waits for the database.
  if (join.cursor.kind == Cursor::Kind::none && warmed_up_ && !shard_.ring().republishing()) {
    join.cursor = {Cursor::Kind::position, shard_.ring().position()};
  }
  proceed(connection);
}

bool CatchUp::set_warmed_up() {
  warmed_up_ = true;
  return admitted_early_;
}

void CatchUp::retry_waiting() {
  for (auto* connection : std::exchange(waiting_, {})) {
    connection->join()->waiting = false;
    proceed(*connection);
  }
}

void CatchUp::drained(StreamConnection& connection) {
  if (connection.join() && connection.join()->resting()) proceed(connection);
}

void CatchUp::forget(StreamConnection& connection) {
  const auto* join = connection.join();
  if (join && join->waiting) std::erase(waiting_, &connection);
  if (join && join->queued) std::erase(queue_, &connection);
}

void CatchUp::discard_reads() {
  ++generation_;
  to_load_.clear();
}

void CatchUp::read_memberships_again() {
  for (auto* user : shard_.membership().retain_connected()) {
    if (!user->reading) ask_for(*user);
  }
}

void CatchUp::start_over(StreamConnection& connection) {
  constexpr std::string_view reason = "events_lost";
  if (connection.live()) {
    connection.begin_again(reason);
    return begin(connection);
  }
  auto& join = *connection.join();
  // It has had elsewhere what is lost here.
  if (join.reset.empty() && join.cursor.position >= shard_.ring().position()) return;
  // Never a part of what was missed and then a Reset.
  if (join.replaying) return connection.close();
  join.reset = reason;
  join.began = SteadyClock::now();
}

void CatchUp::proceed(StreamConnection& connection) {
  if (connection.blocked()) return;  // until it is drained
  // While the log is not known, changes of membership pass unseen.
  if (!warmed_up_ && may_wait(*connection.join())) return wait(connection);
  if (connection.user().state == CachedUser::State::unknown) ask_for(connection.user());
  if (connection.user().state != CachedUser::State::known) return wait(connection);
  // Before there was a stream, everybody stood where its first epoch begins.
  auto& cursor = connection.join()->cursor.position;
  if (cursor == Position{} && shard_.ring().position().epoch > 0) cursor = {1, 0};
  const auto way = choose(connection);
  switch (way.kind) {
    case Way::Kind::wait: return wait(connection);
    case Way::Kind::replay: return replay(connection);
    case Way::Kind::read_replay:
      connection.join()->reading_replay = true;
      return asio::co_spawn(executor_, read_replay(connection.shared_from_this()), asio::detached);
    case Way::Kind::cut: return connection.close();
    case Way::Kind::reset:
      connection.push(make_frame(reset_frame(shard_.ring().resume_position(), way.reason)));
      return go_live(connection, way.reason == cursor_ahead);
  }
}

// Until the last tick before its patience ends.
bool CatchUp::may_wait(const Join& join) const {
  const auto waited = SteadyClock::now() - join.began;
  return waited + shard_.settings().tick < shard_.settings().cursor_wait;
}

// The one place that decides how somebody who was away catches up.
CatchUp::Way CatchUp::choose(const StreamConnection& connection) const {
  const auto& join = *connection.join();
  if (!join.reset.empty()) return {Way::Kind::reset, join.reset};
  if (join.cursor.kind == Cursor::Kind::malformed) return {Way::Kind::reset, "malformed_cursor"};
  if (join.cursor.kind == Cursor::Kind::none) return {Way::Kind::replay};
  switch (shard_.ring().status_of(join.cursor.position)) {
    case CursorStatus::in_ring: return {Way::Kind::replay};
    case CursorStatus::ahead: return choose_ahead(join);
    case CursorStatus::evicted: return choose_behind(join);
    // Where it was, it may have heard as new what is still to be told here.
    case CursorStatus::mid_republish: return {Way::Kind::wait};
    case CursorStatus::expired: break;
  }
  // Never a part of what was missed and then a Reset: it comes back, and is told at once.
  if (join.replaying) return {Way::Kind::cut};
  return {Way::Kind::reset, "no_longer_held"};
}

// An instance that is behind would tell a second time what the client has heard elsewhere: it
// waits, and the client goes elsewhere at last. Only who is ahead of the whole stream is reset.
CatchUp::Way CatchUp::choose_ahead(const Join& join) const {
  if (may_wait(join) || at_head_at_ < join.began) return {Way::Kind::wait};
  return {Way::Kind::reset, cursor_ahead};
}

CatchUp::Way CatchUp::choose_behind(const Join& join) const {
  const auto missed = shard_.ring().position().stream_seq - join.cursor.position.stream_seq;
  const bool too_many = !join.replaying && missed > shard_.settings().replay_events_max;
  if (too_many) return {Way::Kind::reset, "too_far_behind"};
  return {Way::Kind::read_replay};
}

void CatchUp::wait(StreamConnection& connection) {
  auto& join = *connection.join();
  const auto waited = SteadyClock::now() - join.began;
  if (waited >= shard_.settings().catch_up_timeout) return connection.close();
  if (join.waiting) return;
  join.waiting = true;
  waiting_.push_back(&connection);
}

void CatchUp::replay(StreamConnection& connection) {
  auto& join = *connection.join();
  const auto& ring = shard_.ring();
  if (join.cursor.kind == Cursor::Kind::none) join.cursor.position = ring.position();
  join.cursor.kind = Cursor::Kind::position;
  auto next = ring.after(join.cursor.position.stream_seq);
  for (std::size_t looked = 0; next != ring.end() && looked < replay_step; ++next, ++looked) {
    if (!hand_over(connection, *next)) break;
  }
  if (next == ring.end()) return go_live(connection);
  enqueue(connection);
}

// False when there is no room for it now.
bool CatchUp::hand_over(StreamConnection& connection, const EventPtr& event) {
  if (!connection.has_room()) return false;
  auto& join = *connection.join();
  join.cursor.position = event->position;
  if (!is_for(connection.user(), *event)) return true;
  connection.push(frame_of(event));
  join.replaying = true;
  return true;
}

awaitable<> CatchUp::read_replay(std::shared_ptr<StreamConnection> connection) {
  const auto after = connection->join()->cursor.position;
  ReplaySlice slice;
  bool read = false;
  try {
    auto reading =
        sources_.replay(connection->user().workspace_id, after, shard_.ring().evicted_through());
    slice = co_await std::move(reading);
    read = true;
  } catch (const std::exception& error) {
    spdlog::warn("the stream's past cannot be read: {}", error.what());
  }
  if (connection->closed()) co_return;
  connection->join()->reading_replay = false;
  const bool same_epoch = shard_.ring().position().epoch == after.epoch;
  if (!read) {
    wait(*connection);
  } else if (!same_epoch || !connection->join()->reset.empty()) {
    proceed(*connection);
  } else {
    apply_replay(*connection, slice);
  }
  shard_.flush_dirty();
}

// What there is no room for is read again when there is.
void CatchUp::apply_replay(StreamConnection& connection, const ReplaySlice& slice) {
  auto& join = *connection.join();
  if (slice.expired) {
    if (join.replaying) return connection.close();
    join.reset = "no_longer_held";
    return proceed(connection);
  }
  const auto handed = [&](const EventPtr& event) { return hand_over(connection, event); };
  if (std::all_of(slice.events.begin(), slice.events.end(), handed)) {
    join.cursor.position.stream_seq = slice.through;
  }
  enqueue(connection);
}

// Whoever has the turn keeps it, so that one after the other is done.
void CatchUp::enqueue(StreamConnection& connection) {
  connection.join()->queued = true;
  if (turn_ == &connection) {
    queue_.push_front(&connection);
  } else {
    queue_.push_back(&connection);
  }
  post_step();
}

void CatchUp::post_step() {
  if (queue_.empty() || std::exchange(step_posted_, true)) return;
  asio::post(executor_, [this] { step(); });
}

void CatchUp::step() {
  step_posted_ = false;
  if (queue_.empty()) return;
  turn_ = queue_.front();
  queue_.pop_front();
  turn_->join()->queued = false;
  proceed(*turn_);
  turn_ = nullptr;
  shard_.flush_dirty();
  post_step();
}

void CatchUp::go_live(StreamConnection& connection, bool ahead) {
  if (!connection.join()->was_live) {
    connection.push(make_frame(caught_up_frame(shard_.ring().resume_position())));
  }
  connection.go_live(shard_.ring().position().epoch, ahead);
}

void CatchUp::ask_for(CachedUser& user) {
  shard_.membership().begin_read(user);
  to_load_.push_back(user.id);
  admitted_early_ = admitted_early_ || !warmed_up_;
  if (loading_) return;
  loading_ = true;
  asio::co_spawn(executor_, load(), asio::detached);
}

awaitable<> CatchUp::load() {
  const asio::use_awaitable_t<Executor> use_awaitable;
  Timer timer{executor_};
  auto pause = first_pause;
  while (!to_load_.empty()) {
    const auto batch = take_batch();
    const auto generation = generation_;
    std::vector<postgres::MemberRow> rows;
    bool read = false;
    try {
      auto reading = sources_.memberships(batch);
      rows = co_await std::move(reading);
      read = true;
    } catch (const std::exception& error) {
      spdlog::warn("membership of {} users cannot be read: {}", batch.size(), error.what());
    }
    if (generation != generation_) continue;  // whoever needs it has asked again
    if (read) {
      pause = first_pause;
      finish(batch, std::move(rows));
      continue;
    }
    to_load_.insert(to_load_.end(), batch.begin(), batch.end());
    timer.expires_after(pause);
    pause = std::min(pause * 2, longest_pause);
    auto waiting = timer.async_wait(use_awaitable);
    co_await std::move(waiting);
  }
  loading_ = false;
}

std::vector<UserId> CatchUp::take_batch() {
  const auto count = std::min(to_load_.size(), load_max);
  const auto end = to_load_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<UserId> batch{to_load_.begin(), end};
  to_load_.erase(to_load_.begin(), end);
  return batch;
}

void CatchUp::finish(const std::vector<UserId>& batch, std::vector<postgres::MemberRow> rows) {
  std::unordered_map<UserId, std::vector<ChatMembership>> chats;
  for (const auto& row : rows) chats[row.user_id].push_back({row.chat_id, row.member_event_id});
  auto& membership = shard_.membership();
  for (const auto id : batch) {
    auto* user = membership.find(id);
    if (user && user->reading) membership.finish_read(*user, std::move(chats[id]));
  }
  retry_waiting();
  shard_.flush_dirty();
}

}  // namespace fechatter::notify
