#include "tests/simulator/delivery/truth.hpp"

#include <algorithm>
#include <utility>

namespace fechatter::simulator {
namespace {

std::int64_t pick(std::mt19937_64& chance, std::int64_t max) {
  return std::uniform_int_distribution<std::int64_t>{1, max}(chance);
}

bool names(const std::vector<UserId>& users, UserId user) {
  return std::find(users.begin(), users.end(), user) != users.end();
}

}  // namespace

const Commit& Truth::commit(std::mt19937_64& chance) {
  Commit event;
  event.id = EventId{static_cast<std::int64_t>(commits_.size()) + 1};
  event.chat = ChatId{pick(chance, chats)};
  const UserId user{pick(chance, users)};
  const auto what = pick(chance, 10);
  if (what <= 2) {
    change(event, !is_member(user, event.chat), user);
  } else if (what == 3) {
    event.chat = ChatId{0};
    event.named = {user};
  } else {
    show(event, what <= 6, pick(chance, 6));
  }
  return commits_.emplace_back(std::move(event));
}

void Truth::change(Commit& event, bool joins, UserId user) {
  (joins ? event.added : event.removed) = {user};
  membership_history_[{user, event.chat}][event.id.value] = joins;
  member_event_[event.chat] = event.id;
}

// A new message, or the next version of the chat's message `back` messages ago.
void Truth::show(Commit& event, bool edits, std::int64_t back) {
  auto& last_seq = last_seqs_[event.chat];
  event.seq = edits && last_seq >= back ? last_seq - back + 1 : ++last_seq;
  event.version = ++versions_[event.message()];
}

std::vector<Truth::Membership> Truth::memberships(UserId user) const {
  std::vector<Membership> memberships;
  for (std::int64_t id = 1; id <= chats; ++id) {
    const ChatId chat{id};
    if (is_member(user, chat)) memberships.push_back({chat, member_event_.at(chat)});
  }
  return memberships;
}

bool Truth::must_receive(const Commit& event, UserId user) const {
  for (const auto* list : {&event.named, &event.added, &event.removed}) {
    if (names(*list, user)) return true;
  }
  if (event.chat.value == 0 || !was_member(user, event.chat, event.id)) return false;
  // A user who has left since does not get earlier events in a later replay.
  const auto& membership_history = membership_history_.at({user, event.chat});
  return membership_history.upper_bound(event.id.value) == membership_history.end();
}

bool Truth::may_receive(const Commit& event, UserId user) const {
  for (const auto* list : {&event.named, &event.added, &event.removed}) {
    if (names(*list, user)) return true;
  }
  if (event.chat.value == 0) return false;
  if (was_member(user, event.chat, event.id)) return true;
  const auto found = membership_history_.find({user, event.chat});
  if (found == membership_history_.end()) return false;
  return std::any_of(found->second.upper_bound(event.id.value), found->second.end(),
                     [](const auto& stay) { return stay.second; });
}

bool Truth::is_member(UserId user, ChatId chat) const {
  const auto found = membership_history_.find({user, chat});
  return found != membership_history_.end() && found->second.rbegin()->second;
}

bool Truth::was_member(UserId user, ChatId chat, EventId at) const {
  const auto found = membership_history_.find({user, chat});
  if (found == membership_history_.end()) return false;
  auto next = found->second.upper_bound(at.value);
  return next != found->second.begin() && std::prev(next)->second;
}

void Stream::publish(EventId event) {
  ++last_seq_;
  auto& first_position = delivered_[event];
  messages_.push_back({head(), event, first_position});
  if (first_position == Position{}) first_position = head();
  index_[head()] = messages_.size();
  readable_ = messages_.size();
}

void Stream::lose_tail(std::size_t count) {
  if (forgets_) readable_ = messages_.size() - std::min(count, messages_.size() - epoch_begins_);
  for (auto i = readable_; i < messages_.size(); ++i) lost_tails_.insert(messages_[i].event);
}

void Stream::damage(std::size_t from, std::size_t count) {
  for (auto i = from; i < from + count; ++i) damaged_.insert(messages_[i].at);
}

void Stream::lose(std::size_t again, std::size_t unmarked, std::size_t waiting, bool from_one) {
  ++epoch_;
  if (from_one) last_seq_ = 0;
  first_ = last_seq_ + 1;
  index_[head()] = messages_.size();
  readable_ = epoch_begins_ = messages_.size();
  const auto lost = delivered_;
  const bool republishes = again > 0 && !lost.empty();
  const auto last_waiting = static_cast<std::int64_t>(waiting);
  republish_through_[epoch_] =
      republishes ? EventId{lost.rbegin()->first.value + last_waiting} : EventId{};
  const auto from = lost.size() - std::min(again, lost.size());
  for (auto last = delivered_.rbegin(); unmarked > 0 && last != delivered_.rend();
       --unmarked, ++last) {
    if (last->second.epoch + 1 != epoch_) continue;  // marked by an epoch before
    last->second = {};
    unmarked_.insert(last->first);
  }
  for (auto event = std::next(lost.begin(), static_cast<std::ptrdiff_t>(from)); event != lost.end();
       ++event) {
    publish(event->first);
  }
}

std::size_t Stream::count_at(Position position) const {
  const auto next = index_.upper_bound(position);
  return next == index_.begin() ? 0 : std::prev(next)->second;
}

const Stream::Message* Stream::find(Position position) const {
  const auto found = index_.find(position);
  const bool held = found != index_.end() && position.epoch == epoch_ &&
                    position.stream_seq >= first_ && found->second > 0 &&
                    found->second <= readable_ && !damaged_.contains(position);
  if (!held) return nullptr;
  const auto& message = messages_[found->second - 1];
  return message.at == position ? &message : nullptr;
}

}  // namespace fechatter::simulator
