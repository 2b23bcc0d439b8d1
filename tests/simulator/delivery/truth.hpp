#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "notify_server/log/event.hpp"

// What has really happened in a simulated world, against which everything else is judged.
namespace fechatter::simulator {

using notify::Position;

inline constexpr WorkspaceId workspace{1};

// One event, in the order of commits. Users and chats are few and small numbers.
struct Happening {
  EventId id;
  ChatId chat;                // 0: told to `named` alone
  std::vector<UserId> named;  // the audience, when that is users
  std::vector<UserId> added;
  std::vector<UserId> removed;
};

// PostgreSQL: what is committed, and who was in which chat when.
class Truth {
 public:
  // Somebody writes, joins, leaves or is told something, by chance.
  const Happening& happens(std::mt19937_64& chance);

  const std::vector<Happening>& happenings() const { return happenings_; }
  const Happening& of(EventId id) const {
    return happenings_.at(static_cast<std::size_t>(id.value) - 1);
  }

  // The seats of a user now, as the database would say.
  struct Seat {
    ChatId chat;
    EventId as_of;
  };
  std::vector<Seat> seats(UserId user) const;

  // Must the user be told, who has been with us from before it until now? May the user be told?
  bool concerns(const Happening& event, UserId user) const;
  bool may_see(const Happening& event, UserId user) const;

  static constexpr std::int64_t users = 4;
  static constexpr std::int64_t chats = 3;

 private:
  // Since when somebody has been in a chat, or out of it: event id → member after that event.
  using Stays = std::map<std::int64_t, bool>;
  bool is_member(UserId user, ChatId chat) const;
  bool was_member(UserId user, ChatId chat, EventId at) const;
  void change(Happening& event, bool joins, UserId user);

  std::vector<Happening> happenings_;
  std::map<std::pair<UserId, ChatId>, Stays> stays_;
  std::map<ChatId, EventId> member_event_;
};

// The stream: what the relay has published, over all epochs, in the order of time.
class Stream {
 public:
  struct Message {
    Position at;
    EventId event;
    Position first_position = {};  // where an earlier epoch told it first
  };

  // `forgets`: what is lost cannot be read any more; else everybody had it on the way.
  explicit Stream(bool forgets) : forgets_{forgets} {}

  // In the current epoch.
  void publish(EventId event);
  // Everything is lost; the `again` latest events are published once more, oldest first. Sequences
  // begin anew or go on. The relay had not noted where the last `unmarked` ones were.
  // `waiting`: so many events that nobody has published count as told again, too.
  void lose(std::size_t again, std::size_t unmarked, std::size_t waiting, bool from_one);
  // The last `count` messages of this epoch are lost, and the relay has not noticed: before lose().
  void lose_tail(std::size_t count);
  // Of this epoch, and not to be read any more: messages() from that one on, so many.
  void damage(std::size_t from, std::size_t count);
  bool is_damaged(std::size_t message) const { return damaged_.contains(messages_[message].at); }
  // Older messages age out.
  void drop_before(std::uint64_t stream_seq) { first_ = std::max(first_, stream_seq); }

  const std::vector<Message>& messages() const { return messages_; }
  Position head() const { return {epoch_, last_seq_}; }
  std::uint64_t first() const { return first_; }
  // What the epoch of a message tells again, and up to where.
  EventId republish_through(Position at) const { return republish_through_.at(at.epoch); }
  // How many messages there had been when the stream was at that position.
  std::size_t count_at(Position position) const;
  // Of a message that was lost with the tail: an instance that has read it may still tell it, and
  // one that has not knows nothing of it.
  bool was_in_tail(EventId event) const { return lost_tails_.contains(event); }
  bool lacks_tail() const { return readable_ < messages_.size(); }
  // So many messages() can be had, from the current epoch's first one on; what is older is lost.
  std::size_t readable() const { return readable_; }
  std::size_t epoch_begins() const { return forgets_ ? epoch_begins_ : 0; }
  // Whether the relay has noted wherever it was told.
  bool noted(EventId event) const { return !unnoted_.contains(event); }
  // Of this epoch; null when it is not held.
  const Message* find(Position position) const;

 private:
  const bool forgets_;
  std::vector<Message> messages_;
  std::map<Position, std::size_t> index_;  // of messages_, plus one
  std::map<EventId, Position> told_;
  std::set<EventId> unnoted_;
  std::map<std::int64_t, EventId> republish_through_{{1, EventId{0}}};  // by epoch
  std::int64_t epoch_ = 1;
  std::uint64_t last_seq_ = 0;
  std::uint64_t first_ = 1;
  std::set<EventId> lost_tails_;
  std::set<Position> damaged_;
  std::size_t readable_ = 0;
  std::size_t epoch_begins_ = 0;
};

}  // namespace fechatter::simulator
