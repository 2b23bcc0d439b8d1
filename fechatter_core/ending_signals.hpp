#pragma once

#include <chrono>
#include <csignal>

namespace fechatter {

// SIGTERM and SIGINT, which end a server.
class EndingSignals {
 public:
  // Blocks them in this thread and in those that it starts from now on: only the functions below
  // receive them. REQUIRES: no other thread runs yet.
  EndingSignals();

  // Until one comes.
  void wait() const;
  // The same; false when none came in that time.
  bool wait_for(std::chrono::seconds time) const;

 private:
  sigset_t signals_{};
};

}  // namespace fechatter
