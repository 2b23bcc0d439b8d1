#include "tests/simulator/delivery/listener.hpp"

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

Listener::~Listener() {
  disconnect();
}

void Listener::connect(Instance& instance, std::mt19937_64& chance) {
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
    told_.clear();
    told_before_reset_.clear();
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

void Listener::disconnect() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  unread_.clear();
  caught_up_ = false;
  in_part_ = false;
  last_ = {};
}

void Listener::read(std::size_t max) {
  std::array<char, 2048> buffer{};
  const auto count = ::recv(descriptor_, buffer.data(), std::min(max, buffer.size()), MSG_DONTWAIT);
  if (count > 0) unread_.append(buffer.data(), static_cast<std::size_t>(count));
  for (auto end = unread_.find("\n\n"); end != std::string::npos; end = unread_.find("\n\n")) {
    take(unread_.substr(0, end + 1));
    unread_.erase(0, end + 2);
  }
  if (count == 0) disconnect();
}

void Listener::take(const std::string& frame) {
  const auto id = field(frame, "id: ");
  if (id.empty()) return;  // retry
  const auto at = notify::parse_cursor(id).position;
  const auto name = field(frame, "event: ");
  cursor_ = id;
  if (name == "Happening") {
    require(at >= last_, fmt::format("{} comes after {}", id, notify::to_string(last_)));
    last_ = at;
    in_part_ = !caught_up_;
    if (!begun_) begin_at(at);  // a fresh stream may see something before it is caught up
    return take_event(std::stoll(field(frame, "\"event_id\":")));
  }
  if (name == "Reset") {
    require(!in_part_, "a Reset came after a part of what was missed");
    told_before_reset_.merge(told_);
    told_.clear();
    // A loss is told at once, though there may be no place to resume from yet.
    const bool lost = frame.find("events_lost") != std::string::npos;
    return begin_at(lost ? std::max(at, instance_->position()) : at);
  }
  if (name == "CaughtUp") {
    require(!std::exchange(caught_up_, true), "CaughtUp came twice");
    in_part_ = false;
    if (!begun_) begin_at(at);
  }
  const bool republishing = at.epoch > 1 && at.stream_seq == 0;
  if (!republishing) require_all_up_to(stream_.count_at(at));
}

void Listener::take_event(std::int64_t id) {
  const auto& happening = truth_.of(EventId{id});
  require(truth_.may_see(happening, user_), fmt::format("event {} is not for them", id));
  const bool noted = stream_.noted(EventId{id});
  require(told_.insert(id).second || !noted, fmt::format("event {} came twice", id));
  // After a Reset, only what was lost before a relay could note that it was told, or notice it.
  const bool excused = !noted || stream_.was_in_tail(EventId{id});
  require(!told_before_reset_.contains(id) || excused,
          fmt::format("event {} came before the Reset and after it", id));
}

void Listener::begin_at(Position position) {
  begun_ = true;
  // What an earlier epoch told is not for who comes later: it is in what they fetch. Nor is what
  // the instance had lost by then, though its epoch's positions may not be given out yet.
  // In the midst of a retelling no position says what it has told by then: at most where it is now.
  const Position epoch{instance_->position().epoch, 0};
  const bool republishing = position.epoch > 1 && position.stream_seq == 0;
  const auto told = republishing ? instance_->position() : connected_at_;
  begun_at_ = stream_.count_at(std::max({position, epoch, told}));
}

// Everything that was first published since the beginning, and is theirs, has come.
void Listener::require_all_up_to(std::size_t count) const {
  if (!begun_) return;
  const auto& messages = stream_.messages();
  std::set<EventId> before;
  for (std::size_t i = 0; i < begun_at_; ++i) before.insert(messages[i].event);
  for (auto i = begun_at_; i < count; ++i) {
    const auto& happening = truth_.of(messages[i].event);
    const bool owed = !before.contains(happening.id) && truth_.concerns(happening, user_);
    if (!owed || told_.contains(happening.id.value)) continue;
    throw std::logic_error{fmt::format("event {} at {} was not told by {}", happening.id.value,
                                       notify::to_string(messages[i].at), cursor_)};
  }
}

bool Listener::is_at_the_end() const {
  const auto at = notify::parse_cursor(cursor_).position;
  return connected() && caught_up_ && at.epoch == stream_.head().epoch &&
         stream_.count_at(at) == stream_.messages().size();
}

void Listener::require_everything() const {
  require(is_at_the_end(), fmt::format("somebody stands at {} and not at {} in the end", cursor_,
                                       notify::to_string(stream_.head())));
  require_all_up_to(stream_.messages().size());
}

}  // namespace fechatter::simulator
