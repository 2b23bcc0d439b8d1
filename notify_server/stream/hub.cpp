#include "notify_server/stream/hub.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_set>

namespace fechatter::notify {
namespace {

// Of ephemeral events: durable events go out in between, and a burst does not look like a slow
// consumer.
constexpr std::size_t batch_events_max = 16;

}  // namespace

Hub::Hub(std::size_t shards, const ShardSettings& settings, const CatchUpSources& sources,
         const auth::RevokedSessions& revoked, const OnStream& on_stream, OnDelivered on_delivered,
         DeliveryLog* deliveries)
    : on_delivered_{std::move(on_delivered)} {
  shards_.reserve(shards);
  for (std::size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(settings, sources, revoked, on_stream, deliveries));
  }
}

Hub::~Hub() {
  stop();
}

void Hub::start() {
  for (auto& shard : shards_) threads_.emplace_back([&shard] { shard->run(); });
}

void Hub::stop() {
  for (auto& shard : shards_) shard->stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Hub::deliver(const std::vector<StreamUpdate>& updates) {
  if (updates.empty()) return;
  for (auto& shard : shards_) shard->deliver(updates);
  if (on_delivered_) on_delivered_(updates);
}

void Hub::fan_out_ephemeral(const std::vector<EventPtr>& events) {
  for (std::size_t first = 0; first < events.size(); first += batch_events_max) {
    const auto begin = events.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min(batch_events_max, events.size() - first);
    const std::vector<EventPtr> batch(begin, begin + static_cast<std::ptrdiff_t>(count));
    for (auto& shard : shards_) shard->fan_out_ephemeral(batch);
  }
}

void Hub::adopt(StreamRequest request, SocketHandle socket) {
  auto& shard = shard_of(request.user_id);
  shard.adopt(std::move(request), std::move(socket));
}

void Hub::subscribe(PresenceSubscription subscription,
                    std::function<std::vector<std::string>()> read_present) {
  auto& shard = shard_of(subscription.user.user_id);
  shard.subscribe(std::move(subscription), std::move(read_present));
}

void Hub::close_sessions(const std::vector<SessionId>& sessions) {
  for (auto& shard : shards_) shard->close_sessions(sessions);
}

void Hub::drain(std::chrono::milliseconds window) {
  const auto deadline = std::chrono::steady_clock::now() + window + std::chrono::seconds{1};
  std::vector<std::future<void>> drained;
  for (auto& shard : shards_) drained.push_back(shard->drain(window));
  for (auto& future : drained) future.wait_until(deadline);
}

// A chat may have members in several shards and counts once; that is too much work for each
// request.
awaitable<std::size_t> Hub::active_chats() {
  using Seconds = std::chrono::seconds;
  const auto uptime = std::chrono::steady_clock::now().time_since_epoch();
  const auto second = std::chrono::duration_cast<Seconds>(uptime).count();
  if (chats_counted_at_.exchange(second) != second) {
    auto counting = count_active_chats();
    chats_counted_ = co_await std::move(counting);
  }
  co_return chats_counted_;
}

std::size_t Hub::connections() const {
  return sum(&ShardCounts::connections);
}
std::size_t Hub::online_users() const {
  return sum(&ShardCounts::online_users);
}

std::vector<const ShardCounts*> Hub::counts() const {
  std::vector<const ShardCounts*> all;
  for (const auto& shard : shards_) all.push_back(&shard->counts());
  return all;
}

Shard& Hub::shard_of(UserId user) {
  return *shards_[static_cast<std::uint64_t>(user.value) % shards_.size()];
}

awaitable<std::size_t> Hub::count_active_chats() {
  const asio::use_awaitable_t<Executor> use_awaitable;
  std::unordered_set<ChatId> chats;
  for (auto& shard : shards_) {
    const Executor executor{shard->io().get_executor()};
    auto reading = asio::co_spawn(executor, shard->active_chats(), use_awaitable);
    const auto found = co_await std::move(reading);
    chats.insert(found.begin(), found.end());
  }
  co_return chats.size();
}

std::size_t Hub::sum(std::atomic<std::size_t> ShardCounts::*count) const {
  std::size_t total = 0;
  for (const auto& shard : shards_) total += shard->counts().*count;
  return total;
}

}  // namespace fechatter::notify
