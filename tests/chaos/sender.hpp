#pragma once

#include <optional>

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// Somebody who posts into one chat, repeats under the same key until the outcome is known, and now
// and then edits or deletes. The clients' thread only.
class Sender {
 public:
  Sender(Traffic& traffic, const Room& room, std::int64_t person);

  awaitable<> run();

 private:
  awaitable<> post();
  awaitable<> repeat_one();
  awaitable<> edit_or_erase();
  // One attempt; false when the outcome is still not known.
  awaitable<bool> attempt(std::size_t number);
  awaitable<Answer> ask(std::string method, std::string target, std::string body);

  Traffic& traffic_;
  const Room& room_;
  const Person& person_;
  std::vector<std::size_t> accepted_;  // numbers in the history, the last few
};

// A guest of a chat, who comes in and goes out again, by himself or by its owner's hand.
class Guest {
 public:
  Guest(Traffic& traffic, const Room& room, std::int64_t person);

  awaitable<> run();

 private:
  awaitable<> change(Change::Kind kind);

  Traffic& traffic_;
  const Room& room_;
  const Person& person_;
};

// Somebody who asks for chats that are not theirs.
class Stranger {
 public:
  Stranger(Traffic& traffic, std::int64_t person);

  awaitable<> run();

 private:
  Traffic& traffic_;
  const Person& person_;
};

}  // namespace fechatter::chaos
