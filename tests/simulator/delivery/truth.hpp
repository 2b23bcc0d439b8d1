#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "notify_server/log/event.hpp"

// The facts of a simulated world, against which deliveries are checked.
namespace fechatter::simulator {

using notify::Position;

inline constexpr WorkspaceId workspace{1};

// One event, in the order of commits. Users and chats are few and small numbers.
struct Commit {
  EventId id;
  ChatId chat;                // 0: for `named` alone
  std::vector<UserId> named;  // the audience, when that is users
  std::vector<UserId> added;
  std::vector<UserId> removed;
  std::int64_t seq = 0;      // of the message that the event shows; 0: none
  std::int64_t version = 0;  // of that message

  MessageKey message() const { return {chat, seq}; }
};

// PostgreSQL: the committed events, and the memberships at each of them.
class Truth {
 public:
  // A random event: a message, an edit, a join, a leave, or an event for one user.
  const Commit& commit(std::mt19937_64& chance);

  const std::vector<Commit>& commits() const { return commits_; }
  const Commit& of(EventId id) const { return commits_.at(static_cast<std::size_t>(id.value) - 1); }

  // The current memberships of a user, as the database would return them.
  struct Membership {
    ChatId chat;
    EventId as_of;
  };
  std::vector<Membership> memberships(UserId user) const;

  // The present version of a message.
  std::int64_t version(MessageKey message) const { return versions_.at(message); }
  // A later event shows another version of the same message: replays leave this one out.
  bool is_superseded(const Commit& event) const {
    return event.seq > 0 && event.version < version(event.message());
  }

  // The text of some superseded events has been erased, from the stream as well.
  bool is_erased(const Commit& event) const {
    return is_superseded(event) && event.id.value % 2 == 0;
  }

  // Whether the event must reach a user who has been connected from before it until now; whether
  // it may.
  bool must_receive(const Commit& event, UserId user) const;
  bool may_receive(const Commit& event, UserId user) const;

  static constexpr std::int64_t users = 4;
  static constexpr std::int64_t chats = 3;

 private:
  // Event id → member after that event.
  using History = std::map<std::int64_t, bool>;
  bool is_member(UserId user, ChatId chat) const;
  bool was_member(UserId user, ChatId chat, EventId at) const;
  void change(Commit& event, bool joins, UserId user);
  void show(Commit& event, bool edits, std::int64_t back);

  std::vector<Commit> commits_;
  std::map<std::pair<UserId, ChatId>, History> membership_history_;
  std::map<ChatId, EventId> member_event_;
  std::map<ChatId, std::int64_t> last_seqs_;
  std::map<MessageKey, std::int64_t> versions_;
};

// The stream: what the relay has published, over all epochs, in the order of time.
class Stream {
 public:
  struct Message {
    Position at;
    EventId event;
    Position first_position = {};  // in an earlier epoch
  };

  // `forgets`: lost messages can no longer be read; else all instances received them in time.
  explicit Stream(bool forgets) : forgets_{forgets} {}

  // In the current epoch.
  void publish(EventId event);
  // Everything is lost; the `again` latest events are republished, oldest first. Sequences restart
  // or continue. The relay had not marked the last `unmarked` ones.
  // `waiting`: so many unpublished events count as republished, too.
  void lose(std::size_t again, std::size_t unmarked, std::size_t waiting, bool from_one);
  // The last `count` messages of this epoch are lost, and the relay has not noticed: before lose().
  void lose_tail(std::size_t count);
  // `count` messages() of this epoch from that one on can no longer be read.
  void damage(std::size_t from, std::size_t count);
  bool is_damaged(std::size_t message) const { return damaged_.contains(messages_[message].at); }
  // Older messages age out.
  void drop_before(std::uint64_t stream_seq) { first_ = std::max(first_, stream_seq); }

  const std::vector<Message>& messages() const { return messages_; }
  Position head() const { return {epoch_, last_seq_}; }
  std::uint64_t first() const { return first_; }
  // The event up to which the epoch of a message republishes.
  EventId republish_through(Position at) const { return republish_through_.at(at.epoch); }
  // The number of messages when the stream was at that position.
  std::size_t count_at(Position position) const;
  // The event was lost with the tail: instances that have read it deliver it, others do not.
  bool was_in_tail(EventId event) const { return lost_tails_.contains(event); }
  bool lacks_tail() const { return readable_ < messages_.size(); }
  // So many messages() can be read, from the current epoch's first one on; older ones are lost.
  std::size_t readable() const { return readable_; }
  std::size_t epoch_begins() const { return forgets_ ? epoch_begins_ : 0; }
  // Whether the relay has marked all publications of the event.
  bool marked(EventId event) const { return !unmarked_.contains(event); }
  // Of this epoch; null when the stream does not hold it.
  const Message* find(Position position) const;

 private:
  const bool forgets_;
  std::vector<Message> messages_;
  std::map<Position, std::size_t> index_;  // of messages_, plus one
  std::map<EventId, Position> delivered_;
  std::set<EventId> unmarked_;
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
