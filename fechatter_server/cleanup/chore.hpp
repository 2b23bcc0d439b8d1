#pragma once

#include <atomic>
#include <chrono>

#include "fechatter_server/cleanup/slice_size.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

struct CleanupSettings {
  std::chrono::milliseconds statement_timeout{900};  // as the connection has it
  int slice_max = 512;                               // rows, a few milliseconds
};

// One kind of cleanup. The statement takes the number of rows and returns how many it removed.
struct ChoreKind {
  const char* name = "";  // in log lines and in /health
  postgres::Statement statement = {};
  bool writes_events = false;
  std::chrono::milliseconds interval{5'000};
};

// A slice of a chore.
struct CleanedUp {
  int removed = 0;
  bool wrote_event = false;
};

inline bool wrote_event(const CleanedUp& cleaned) {
  return cleaned.wrote_event;
}

// One chore of the cleanup, every 5 s unless its kind says otherwise, in slices whose size follows
// the time they take. It depends on no other chore: one that fails is tried again, smaller after a
// time-out. Each instance runs it; rows that another instance has locked are skipped.
class Chore {
 public:
  // `kind` and `database` outlive the chore.
  Chore(const ChoreKind& kind, EventfulDatabase& database, const CleanupSettings& settings);

  // Never returns; ends with its executor. Spawn it detached, once.
  awaitable<> run();
  // One slice; failures are counted and logged. Returns the time until the next one. Not
  // concurrently.
  awaitable<std::chrono::milliseconds> clean_up();

  const char* name() const { return kind_.name; }
  // Failures since the last success. Any thread.
  int failures() const { return failures_; }
  // Rows of the next slice. Any thread.
  int slice() const { return slice_; }

 private:
  awaitable<CleanedUp> take_slice();
  std::chrono::milliseconds note_failure(const std::exception& error, bool timed_out);

  const ChoreKind& kind_;
  EventfulDatabase& database_;
  const CleanupSettings settings_;
  SliceSize size_;
  std::chrono::steady_clock::duration took_{};  // the last statement, without its wait
  std::atomic<int> failures_ = 0;
  std::atomic<int> slice_;
};

}  // namespace fechatter::server
