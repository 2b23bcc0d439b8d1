#pragma once

#include <optional>

#include "tests/chaos/uploader.hpp"

namespace fechatter::chaos {

// A client that posts into one chat, retries with the same key until the outcome is known, and
// sometimes edits or deletes a message, or does one of the small things that make events.
// The clients' thread only.
class Sender {
 public:
  Sender(Traffic& traffic, const Chat& chat, std::int64_t person);

  awaitable<> run();

 private:
  awaitable<> post();
  // Uploads one file or two, and posts a message with them; or leaves them to the collector.
  awaitable<> post_files();
  awaitable<> post_with(std::vector<std::string> files);
  awaitable<> repeat_one();
  awaitable<> edit_or_delete();
  // A reaction, a pin, a read, a setting; or the reverse. Its answer decides nothing.
  awaitable<> annotate();
  std::string annotation(std::int64_t message);
  // One attempt; false while the outcome is unknown.
  awaitable<bool> attempt(std::size_t number);

  Traffic& traffic_;
  const Chat& chat_;
  const Person& person_;
  Uploader uploader_;
  std::vector<std::size_t> accepted_;  // indexes in the history, the latest ones
};

// A temporary member of a chat, which joins and leaves in turn, or is added and removed by the
// owner.
class TemporaryMember {
 public:
  TemporaryMember(Traffic& traffic, const Chat& chat, std::int64_t person);

  awaitable<> run();

 private:
  awaitable<> change(Change::Kind kind);

  Traffic& traffic_;
  const Chat& chat_;
  const Person& person_;
};

// A client that requests the messages of foreign chats.
class Outsider {
 public:
  Outsider(Traffic& traffic, std::int64_t person);

  awaitable<> run();

 private:
  Traffic& traffic_;
  const Person& person_;
};

}  // namespace fechatter::chaos
