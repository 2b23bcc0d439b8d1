#include "tests/simulator/delivery/simulated_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::simulator {
namespace {

constexpr int small_buffer = 4096;

std::string field(const std::string& frame, std::string_view name) {
  const auto begin = frame.find(name);
  if (begin == std::string::npos) return {};
  const auto from = begin + name.size();
  return frame.substr(from, frame.find_first_of("\n,}", from) - from);
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error{what};
}

}  // namespace

SimulatedClient::~SimulatedClient() {
  disconnect();
}

void SimulatedClient::connect(Instance& instance, std::mt19937_64& chance) {
  disconnect();
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "socketpair");
  ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small_buffer, sizeof small_buffer);
  descriptor_ = ends[1];
  instance_ = &instance;
  connected_at_ = instance.position();
  const bool afresh = cursor_.empty() || chance() % 16 == 0;
  if (afresh) {
    begun_ = false;
    delivered_.clear();
    delivered_before_reset_.clear();
  }
  const auto end = std::chrono::system_clock::now() + std::chrono::hours{1};
  notify::StreamRequest request{user_,
                                workspace,
                                SessionId{1},
                                std::chrono::time_point_cast<std::chrono::seconds>(end),
                                notify::parse_cursor(afresh ? "" : cursor_),
                                "HTTP/1.1 200 OK\r\n\r\n"};
  instance.adopt(std::move(request), notify::SocketHandle{ends[0], false});
}

void SimulatedClient::disconnect() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  unread_.clear();
  caught_up_ = false;
  in_part_ = false;
  last_ = {};
}

void SimulatedClient::read(std::size_t max) {
  std::array<char, 2048> buffer{};
  const auto count = ::recv(descriptor_, buffer.data(), std::min(max, buffer.size()), MSG_DONTWAIT);
  if (count > 0) unread_.append(buffer.data(), static_cast<std::size_t>(count));
  for (auto end = unread_.find("\n\n"); end != std::string::npos; end = unread_.find("\n\n")) {
    check_frame(unread_.substr(0, end + 1));
    unread_.erase(0, end + 2);
  }
  if (count == 0) disconnect();
}

void SimulatedClient::check_frame(const std::string& frame) {
  const auto id = field(frame, "id: ");
  if (id.empty()) return;  // retry
  const auto at = notify::parse_cursor(id).position;
  const auto name = field(frame, "event: ");
  cursor_ = id;
  if (name == "Committed") {
    require(at >= last_, fmt::format("{} arrived after {}", id, notify::to_string(last_)));
    last_ = at;
    in_part_ = !caught_up_;
    if (!begun_) begin_at(at);  // a fresh stream may get events before CaughtUp
    const auto event = std::stoll(field(frame, "\"event_id\":"));
    if (!caught_up_) check_replayed(truth_.of(EventId{event}), at);
    return check_event(event);
  }
  if (name == "Reset") {
    require(!in_part_, "a Reset followed a partial replay");
    delivered_before_reset_.merge(delivered_);
    delivered_.clear();
    // A loss is reported at once, even without a resumable position.
    const bool lost = frame.find("events_lost") != std::string::npos;
    return begin_at(lost ? std::max(at, instance_->position()) : at);
  }
  if (name == "CaughtUp") {
    require(!std::exchange(caught_up_, true), "a second CaughtUp");
    in_part_ = false;
    if (!begun_) begin_at(at);
  }
  const bool republishing = at.epoch > 1 && at.stream_seq == 0;
  if (!republishing) require_all_up_to(stream_.count_at(at));
}

void SimulatedClient::check_event(std::int64_t id) {
  const auto& commit = truth_.of(EventId{id});
  require(truth_.may_receive(commit, user_), fmt::format("event {} is not for this user", id));
  const bool marked = stream_.marked(EventId{id});
  require(delivered_.insert(id).second || !marked, fmt::format("event {} was delivered twice", id));
  // After a Reset, only an event that was lost before a relay could mark it, or notice the loss.
  const bool excused = !marked || stream_.was_in_tail(EventId{id});
  require(!delivered_before_reset_.contains(id) || excused,
          fmt::format("event {} was delivered before the Reset and after it", id));
}

// No replay shows a version whose successor the instance had read when the client connected.
void SimulatedClient::check_replayed(const Commit& event, Position at) const {
  if (!truth_.is_superseded(event)) return;
  for (const auto& message : stream_.messages()) {
    if (message.at.epoch != at.epoch || message.at > connected_at_) continue;
    const auto& later = truth_.of(message.event);
    // Of an event that was read without its text, the instance does not know the message.
    if (truth_.is_erased(later)) continue;
    const bool supersedes = later.seq == event.seq && later.chat == event.chat && later.seq > 0 &&
                            later.version > event.version;
    require(!supersedes, fmt::format("event {} was replayed, which event {} had superseded",
                                     event.id.value, later.id.value));
  }
}

void SimulatedClient::begin_at(Position position) {
  begun_ = true;
  // Events first published in an earlier epoch, or lost by the instance until then, are not owed:
  // the client refetches them. During a republish, no frame shows the instance's position: at most
  // the present one.
  const Position epoch{instance_->position().epoch, 0};
  const bool republishing = position.epoch > 1 && position.stream_seq == 0;
  const auto known = republishing ? instance_->position() : connected_at_;
  begun_at_ = stream_.count_at(std::max({position, epoch, known}));
}

// Every event for the user that was first published since the beginning has been delivered. An
// event that is superseded may be left out: at the end the one that superseded it is not.
void SimulatedClient::require_all_up_to(std::size_t count) const {
  if (!begun_) return;
  const auto& messages = stream_.messages();
  std::set<EventId> before;
  for (std::size_t i = 0; i < begun_at_; ++i) before.insert(messages[i].event);
  for (auto i = begun_at_; i < count; ++i) {
    const auto& commit = truth_.of(messages[i].event);
    const bool owed = !before.contains(commit.id) && truth_.must_receive(commit, user_);
    if (!owed || delivered_.contains(commit.id.value) || truth_.is_superseded(commit)) continue;
    throw std::logic_error{fmt::format("event {} at {} was not delivered by {}", commit.id.value,
                                       notify::to_string(messages[i].at), cursor_)};
  }
}

bool SimulatedClient::is_at_head() const {
  const auto at = notify::parse_cursor(cursor_).position;
  return connected() && caught_up_ && at.epoch == stream_.head().epoch &&
         stream_.count_at(at) == stream_.messages().size();
}

void SimulatedClient::require_everything() const {
  require(is_at_head(), fmt::format("the client is at {} and not at the head {}", cursor_,
                                    notify::to_string(stream_.head())));
  require_all_up_to(stream_.messages().size());
}

}  // namespace fechatter::simulator
