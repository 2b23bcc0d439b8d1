#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/steady_clock.hpp"

namespace fechatter::notify {

// A user that types in a chat, or has stopped.
struct Typing {
  WorkspaceId workspace_id;
  ChatId chat_id;
  UserId user_id;
  std::string user_name;
  bool is_typing = true;
  Timestamp expires_at;  // when it ends by itself, or when it has ended

  friend bool operator==(const Typing&, const Typing&) = default;
};

// The users that type, and when the other members of their chats get an event: once a second at
// most for each user and chat, of the latest state. Typing ends by itself after 10 s. A user types
// in 5 chats at once, and all users together in 100,000; what is beyond is ignored, so one user
// causes 5 events a second at most. Every instance has the same board. One thread, or a lock around
// it.
class TypingBoard {
 public:
  static constexpr std::chrono::seconds life{10};
  static constexpr std::chrono::seconds interval{1};
  static constexpr std::size_t chats_of_a_user_max = 5;
  static constexpr std::size_t entries_max = 100'000;

  // A client has said so.
  void report(const Typing& typing);
  // The user has sent a message to the chat, or has left it.
  void end(ChatId chat, UserId user);
  // The chat is deleted: no event follows.
  void drop_chat(ChatId chat);
  // What is due for an event now.
  std::vector<Typing> take_due();
  std::size_t size() const { return entries_.size(); }

 private:
  using Time = SteadyClock::time_point;

  struct Key {
    ChatId chat;
    UserId user;

    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Entry {
    Typing typing;              // as it is now
    Time ends_at;               // of what is_typing
    bool shown_typing = false;  // by the last event
    bool is_new = false;        // an event is to follow
    Time shown_at = {};
  };
  using Entries = std::unordered_map<Key, Entry, HashOfKey>;

  bool has_room(UserId user) const;
  static void stop(Entry& entry);
  Entries::iterator erase(Entries::iterator entry);

  Entries entries_;
  std::unordered_map<UserId, std::size_t> chats_of_;
};

}  // namespace fechatter::notify
