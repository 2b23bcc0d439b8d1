#include "tests/simulator/delivery/instance.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/steady_timer.hpp"

namespace fechatter::simulator {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t ids_window = 1024;

notify::ShardSettings small_settings() {
  notify::ShardSettings settings;
  settings.ring.events = 12;
  settings.connection_events_max = 16;
  settings.heartbeat = 4s;
  settings.known_user = 15s;
  settings.replay_events_max = 40;
  return settings;
}

}  // namespace

Instance::Instance(const Truth& truth, const Stream& stream, std::mt19937_64& chance)
    : truth_{truth}, stream_{stream}, chance_{chance} {
  restart();
}

void Instance::restart() {
  shard_.reset();
  shard_ = std::make_unique<notify::Shard>(
      small_settings(),
      notify::CatchUpSources{
          [this](std::vector<UserId> users) { return read_memberships(std::move(users)); },
          [this](WorkspaceId, notify::FrameId after, std::uint64_t to) {
            return read_replay(after.position, to);
          },
          [this](std::vector<MessageKey> messages) { return read_versions(std::move(messages)); }},
      revoked_);
  order_.emplace(ids_window);
  warmed_up_ = false;
  warm_up_to_ = stream_.readable();
  next_ = warm_up_to_;
  // More than a relay may have published without marking it.
  for (auto back = 4 + chance_() % 8; back > 0 && next_ > 0; --back) {
    if (stream_.find(stream_.messages()[next_ - 1].at) == nullptr) break;
    --next_;
  }
  if (next_ == 0) return;
  const auto& seen = stream_.messages()[next_ - 1];
  order_->begin_after(seen.at);
  auto until = stream_.republish_through(seen.at);
  if (seen.event >= until) until = {};
  shard_->deliver({{notify::StreamUpdate::Kind::empty, seen.at, nullptr, until}});
}

void Instance::follow(std::size_t max) {
  skip_lost_epoch();
  for (; max > 0 && next_ < stream_.readable(); --max, ++next_) {
    skip_damage();
    if (next_ == stream_.readable()) break;
    const auto& message = stream_.messages()[next_];
    if (order_->check(message.at, 0) != notify::SequenceCheck::next) continue;
    shard_->deliver({update_of(message)});
  }
  using Kind = notify::StreamUpdate::Kind;
  if (!warmed_up_ && next_ >= warm_up_to_) {
    warmed_up_ = true;
    shard_->deliver({{Kind::warmed_up, order_->position(), nullptr, {}}});
  }
  if (caught_up()) shard_->deliver({{Kind::at_head, order_->position(), nullptr, {}}});
}

// The unread rest of a lost epoch: the next epoch republishes it, or it is a loss.
void Instance::skip_lost_epoch() {
  const auto begins = stream_.epoch_begins();
  const auto& messages = stream_.messages();
  const bool unpositioned = order_->position().epoch == 0;
  if (unpositioned || next_ >= begins || begins == messages.size()) return;
  const auto& first = messages[begins];
  const bool covered = std::all_of(messages.begin() + static_cast<std::ptrdiff_t>(next_),
                                   messages.begin() + static_cast<std::ptrdiff_t>(begins),
                                   [&](const auto& lost) { return lost.event >= first.event; });
  next_ = begins;
  if (covered) return;
  lose_up_to({first.at.epoch, first.at.stream_seq - 1}, first.event);
}

// As the consumer does when the relay does not repair the stream: it resumes after the damage.
void Instance::skip_damage() {
  if (next_ >= stream_.readable() || !stream_.is_damaged(next_)) return;
  while (next_ < stream_.readable() && stream_.is_damaged(next_)) ++next_;
  const auto& last = stream_.messages()[next_ - 1];
  if (last.at <= order_->position()) return;
  lose_up_to(last.at, caught_up() ? last.event : stream_.messages()[next_].event);
}

// `next`: the event of the next message, or of the last one when there is none.
void Instance::lose_up_to(Position position, EventId next) {
  const auto until = stream_.republish_through(position);
  order_->lose(position);
  shard_->deliver(
      {{notify::StreamUpdate::Kind::lost, position, nullptr, next < until ? until : EventId{}}});
}

void Instance::adopt(notify::StreamRequest request, notify::SocketHandle socket) {
  shard_->adopt(std::move(request), std::move(socket));
}

void Instance::run() {
  shard_->io().restart();
  shard_->io().poll();
}

notify::StreamUpdate Instance::update_of(const Stream::Message& message) {
  using Kind = notify::StreamUpdate::Kind;
  const auto until = stream_.republish_through(message.at);
  const auto novelty = order_->accept(message.at, message.event, message.first_position);
  if (truth_.is_erased(truth_.of(message.event))) {
    return {Kind::empty, message.at, nullptr, until, message.event};
  }
  switch (novelty) {
    case notify::Novelty::first: return {Kind::event, message.at, event_of(message), until};
    case notify::Novelty::republished:
      return {Kind::republished, message.at, event_of(message), until};
    case notify::Novelty::duplicate: break;
  }
  return {Kind::empty, message.at, nullptr, until};
}

notify::EventPtr Instance::event_of(const Stream::Message& message) const {
  const auto& commit = truth_.of(message.event);
  event::Envelope envelope;
  envelope.event_id = commit.id;
  envelope.type = "Committed";
  envelope.workspace_id = workspace;
  envelope.chat_id = commit.chat;
  if (commit.chat.value == 0) envelope.audience = {event::AudienceKind::users, commit.named};
  if (commit.seq > 0) {
    envelope.seq = commit.seq;
    envelope.version = commit.version;
  }
  envelope.added = commit.added;
  envelope.removed = commit.removed;
  envelope.data = "{}";
  return notify::make_event(std::move(envelope), message.at, message.first_position);
}

// Up to 2 s, while the simulation continues.
awaitable<> Instance::delay() {
  const asio::use_awaitable_t<Executor> use_awaitable;
  const auto executor = co_await asio::this_coro::executor;
  SteadyTimer<Executor> timer{executor};
  timer.expires_after(std::chrono::milliseconds{chance_() % 3 == 0 ? chance_() % 2000 : 0});
  auto waiting = timer.async_wait(use_awaitable);
  co_await std::move(waiting);
}

bool Instance::succeeds() {
  return chance_() % 8 != 0;
}

awaitable<std::vector<postgres::MemberRow>> Instance::read_memberships(std::vector<UserId> users) {
  co_await delay();
  std::vector<postgres::MemberRow> rows;
  for (const auto user : users) {
    for (const auto& membership : truth_.memberships(user))
      rows.push_back({user, membership.chat, membership.as_of});
  }
  co_await delay();
  if (!succeeds()) throw Error{ErrorCode::database_unavailable, "simulated"};
  co_return rows;
}

awaitable<std::vector<postgres::MessageVersion>> Instance::read_versions(
    std::vector<MessageKey> messages) {
  co_await delay();
  std::vector<postgres::MessageVersion> rows;
  for (const auto message : messages) rows.push_back({message, truth_.version(message)});
  co_await delay();
  if (!succeeds()) throw Error{ErrorCode::database_unavailable, "simulated"};
  co_return rows;
}

awaitable<notify::ReplaySlice> Instance::read_replay(Position after, std::uint64_t to) {
  co_await delay();
  if (!succeeds()) throw Error{ErrorCode::nats_unavailable, "simulated"};
  notify::ReplaySlice slice;
  slice.through = after.stream_seq;
  const auto count = std::min<std::uint64_t>(to - after.stream_seq, 1 + chance_() % 12);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto* message = stream_.find({after.epoch, slice.through + 1});
    if (!message) break;
    ++slice.through;
    if (!truth_.is_erased(truth_.of(message->event))) slice.events.push_back(event_of(*message));
  }
  slice.expired = slice.through == after.stream_seq;
  co_await delay();
  co_return slice;
}

}  // namespace fechatter::simulator
