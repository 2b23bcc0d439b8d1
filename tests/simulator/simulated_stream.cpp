#include "tests/simulator/simulated_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace fechatter::simulator {

namespace {

constexpr std::int64_t duplicates_window_ns = 120'000'000'000;
constexpr std::size_t connections_max = 16;

}  // namespace

std::int64_t number_in(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  std::int64_t number = 0;
  if (at != text.npos) {
    std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
  }
  return number;
}

// Reads on from a sequence. Now and then it misses a message, or falls silent.
class SimulatedReader final : public event::EventReader {
 public:
  SimulatedReader(SimulatedStream& stream, std::uint64_t next)
      : stream_{stream}, created_ns_{stream.nats_.stream_->created_ns}, next_{next} {}

  std::optional<event::StreamMessage> next(milliseconds timeout) override {
    auto& random = stream_.simulation_.random();
    stream_.simulation_.point();
    auto message = take();
    if (message || timeout.count() == 0) return message;
    stream_.simulation_.sleep(random.up_to(timeout));
    return take();
  }

 private:
  std::optional<event::StreamMessage> take() {
    auto& random = stream_.simulation_.random();
    stream_.require_alive();
    if (random.one_in(3000)) silent_ = true;
    if (random.one_in(2000)) ++next_;
    const auto& stored = stream_.nats_.stream_;
    if (!stored || stored->created_ns != created_ns_) return miss_heartbeats();
    if (silent_) return std::nullopt;
    const auto& messages = stored->messages;
    const auto found = messages.lower_bound(next_);
    if (found == messages.end()) return std::nullopt;
    next_ = found->first + 1;
    auto message = found->second;
    message.pending = static_cast<std::uint64_t>(std::distance(std::next(found), messages.end()));
    return message;
  }

  // Its consumer went with the stream; the client notices after two intervals.
  std::optional<event::StreamMessage> miss_heartbeats() {
    const auto now_ns = stream_.simulation_.now_ns();
    if (last_heartbeat_ns_ == 0) last_heartbeat_ns_ = now_ns;
    if (now_ns - last_heartbeat_ns_ > 2'000'000'000) throw std::runtime_error{"no heartbeat"};
    return std::nullopt;
  }

  SimulatedStream& stream_;
  const std::int64_t created_ns_;
  std::int64_t last_heartbeat_ns_ = 0;  // once they stopped
  std::uint64_t next_;
  bool silent_ = false;
};

void SimulatedNats::kill() {
  up_ = false;
  ++generation_;
  // What was on the way to it is gone.
  connections_.clear();
}

void SimulatedNats::lose_tail(std::uint64_t count) {
  if (!stream_) return;
  has_lost_ = true;
  for (; count > 0 && !stream_->messages.empty(); --count) {
    const auto last = std::prev(stream_->messages.end());
    stream_->seen.erase(last->second.message_id);
    stream_->last_seq = last->first - 1;
    stream_->messages.erase(last);
  }
  stream_->last_id = stream_->messages.empty() ? "" : stream_->messages.rbegin()->second.message_id;
}

void SimulatedNats::lose_middle() {
  if (!stream_ || stream_->messages.size() < 3) return;
  has_lost_ = true;
  auto victim = stream_->messages.begin();
  std::advance(victim, 1 + simulation_.random().below(stream_->messages.size() - 2));
  stream_->seen.erase(victim->second.message_id);
  stream_->messages.erase(victim);
}

void SimulatedNats::deliver_one() {
  if (!up_ || connections_.empty()) return;
  auto& connection = *connections_[simulation_.random().below(connections_.size())];
  if (!*connection.cut_off) receive(connection);
}

void SimulatedNats::receive(Connection& connection) {
  if (connection.on_the_way.empty()) return;
  auto publication = std::move(connection.on_the_way.front());
  connection.on_the_way.pop_front();
  const auto ticket = publication.ticket;
  const auto stream_seq = store(std::move(publication));
  if (!simulation_.random().one_in(200)) connection.acks.push_back({ticket, stream_seq});
}

// The order of the checks is nats-server's.
std::uint64_t SimulatedNats::store(OnTheWay publication) {
  if (!stream_) return 0;
  auto& stream = *stream_;
  auto& message = publication.message;
  const auto seen = stream.seen.find(message.message_id);
  const auto at = simulation_.now_ns();
  if (seen != stream.seen.end() && at - seen->second < duplicates_window_ns) return 0;
  if (publication.expected_last_seq != stream.last_seq) return 0;
  const bool fits =
      publication.expected_last_id.empty() || publication.expected_last_id == stream.last_id;
  if (!fits) return 0;
  message.stream_seq = ++stream.last_seq;
  message.stored_at_ns = at;
  simulation_.trace(fmt::format("stored {} as {}", message.message_id, message.stream_seq));
  on_store(stream, message);
  stream.seen[message.message_id] = at;
  stream.last_id = message.message_id;
  stream.messages.emplace(message.stream_seq, std::move(message));
  return stream.last_seq;
}

SimulatedStream::SimulatedStream(Simulation& simulation, SimulatedNats& nats, const bool& cut_off)
    : simulation_{simulation},
      nats_{nats},
      cut_off_{cut_off},
      generation_{nats.generation_},
      connection_{std::make_shared<SimulatedNats::Connection>()} {
  require_alive();
  connection_->cut_off = &cut_off;
  auto& all = nats_.connections_;
  if (all.size() == connections_max) all.erase(all.begin());
  all.push_back(connection_);
}

void SimulatedStream::require_alive() const {
  if (!nats_.up_ || cut_off_ || nats_.generation_ != generation_) {
    throw std::runtime_error{"the connection to NATS is lost"};
  }
}

template <class F>
auto SimulatedStream::request(F answer) {
  simulation_.point();
  require_alive();
  auto answered = answer();
  simulation_.point();
  require_alive();
  return answered;
}

event::StreamState SimulatedStream::state() const {
  const auto& stream = *nats_.stream_;
  return {stream.created_ns, stream.first_seq(), stream.last_seq, stream.messages.size(),
          std::chrono::hours{7 * 24}};
}

std::optional<event::StreamState> SimulatedStream::find_state() {
  return request([this] { return nats_.stream_ ? std::optional{state()} : std::nullopt; });
}

event::StreamState SimulatedStream::create() {
  return request([this] {
    if (!nats_.stream_) {
      nats_.stream_.emplace();
      nats_.stream_->created_ns = simulation_.now_ns();
      simulation_.trace("the stream was made");
    }
    return state();
  });
}

void SimulatedStream::purge(std::uint64_t last_seq) {
  request([&] {
    if (!nats_.stream_) throw std::runtime_error{"no stream"};
    simulation_.trace(fmt::format("purged up to {}", last_seq));
    std::erase_if(nats_.stream_->messages,
                  [=](const auto& item) { return item.first <= last_seq; });
    return true;
  });
}

std::optional<event::StreamMessage> SimulatedStream::find_message(std::uint64_t stream_seq) {
  return request([&]() -> std::optional<event::StreamMessage> {
    if (!nats_.stream_) return std::nullopt;
    const auto found = nats_.stream_->messages.find(stream_seq);
    if (found == nats_.stream_->messages.end()) return std::nullopt;
    return found->second;
  });
}

std::vector<std::uint64_t> SimulatedStream::find_missing() {
  return request([&] {
    if (!nats_.stream_) throw std::runtime_error{"no stream"};
    std::vector<std::uint64_t> missing;
    for (auto seq = nats_.stream_->first_seq(); seq <= nats_.stream_->last_seq; ++seq) {
      if (!nats_.stream_->messages.contains(seq)) missing.push_back(seq);
    }
    return missing;
  });
}

// As the real one does, it keeps the last sequence and the last message id.
void SimulatedStream::erase(std::uint64_t stream_seq) {
  request([&] {
    if (!nats_.stream_) throw std::runtime_error{"no stream"};
    if (nats_.stream_->messages.erase(stream_seq) > 0) {
      simulation_.trace(fmt::format("erased {}", stream_seq));
    }
    return true;
  });
}

std::vector<event::StreamMessage> SimulatedStream::read_range(std::uint64_t first,
                                                              std::uint64_t last) {
  return request([&] {
    std::vector<event::StreamMessage> range;
    if (!nats_.stream_) return range;
    const auto& messages = nats_.stream_->messages;
    for (auto next = messages.lower_bound(first); next != messages.end(); ++next) {
      if (next->first > last) break;
      range.push_back(next->second);
    }
    if (range.size() > 1 && simulation_.random().one_in(20)) throw event::TookTooLong{"a range"};
    return range;
  });
}

event::WorkspaceRange SimulatedStream::read_workspace(WorkspaceId workspace, std::uint64_t first,
                                                      const event::ReadLimits& limits) {
  return request([&] {
    if (!nats_.stream_) throw std::runtime_error{"no stream"};
    auto& random = simulation_.random();
    event::WorkspaceRange range;
    const auto& messages = nats_.stream_->messages;
    bool left_out = false;
    for (auto next = messages.lower_bound(first); next != messages.end(); ++next) {
      if (workspace_in(next->second.data) != workspace.value) continue;
      const bool full = range.messages.size() == limits.messages || random.one_in(10);
      if (full && !range.messages.empty()) return range;
      left_out = random.one_in(20);
      if (!left_out) range.messages.push_back(next->second);
    }
    // The real stream knows how many there are: the last one is not left out without a trace.
    range.complete = !left_out;
    return range;
  });
}

std::unique_ptr<event::EventReader> SimulatedStream::follow(const event::StartAt& start) {
  return request([&] {
    if (!nats_.stream_) throw std::runtime_error{"no stream"};
    const auto& stream = *nats_.stream_;
    auto next = start.stream_seq.value_or(0);
    if (start.stored_at_ns) {
      const auto old = [&](const auto& item) {
        return item.second.stored_at_ns < *start.stored_at_ns;
      };
      const auto found = std::find_if_not(stream.messages.begin(), stream.messages.end(), old);
      next = found == stream.messages.end() ? stream.last_seq + 1 : found->first;
    }
    return std::make_unique<SimulatedReader>(*this, std::min(next, stream.last_seq + 1));
  });
}

std::uint64_t SimulatedStream::publish(const event::Publication& publication) {
  simulation_.point();
  require_alive();
  event::StreamMessage message;
  message.epoch = publication.epoch;
  message.first_position = publication.first_position;
  message.workspace_previous = publication.workspace_previous;
  message.message_id = publication.message_id;
  message.data = publication.data;
  connection_->on_the_way.push_back({++connection_->tickets, publication.expected_last_seq,
                                     publication.expected_last_id, std::move(message)});
  return connection_->tickets;
}

std::optional<event::PublishAck> SimulatedStream::next_ack(milliseconds timeout) {
  simulation_.point();
  require_alive();
  // Mostly the network is quick.
  if (!simulation_.random().one_in(10)) nats_.receive(*connection_);
  if (connection_->acks.empty()) simulation_.sleep(simulation_.random().up_to(timeout));
  require_alive();
  if (connection_->acks.empty()) return std::nullopt;
  const auto ack = connection_->acks.front();
  connection_->acks.pop_front();
  return ack;
}

void SimulatedStream::request_verification(const event::StreamObservation& seen) {
  simulation_.point();
  require_alive();
  simulation_.trace("asks to verify " + event::to_string(seen));
  if (!simulation_.random().one_in(10)) nats_.on_observation(seen);
}

}  // namespace fechatter::simulator
