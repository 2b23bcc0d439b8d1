#pragma once

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// Archives a chat for a moment and restores it, as its owner. The clients' thread only.
class Archiver {
 public:
  Archiver(Traffic& traffic, const Chat& chat);

  awaitable<> run();

 private:
  // Repeats the request until its outcome is known.
  awaitable<> change(Change::Kind kind);
  awaitable<Outcome> attempt(Change::Kind kind);

  Traffic& traffic_;
  const Chat& chat_;
  const Person& owner_;
};

}  // namespace fechatter::chaos
