#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/steady_clock.hpp"

namespace fechatter::postgres {

// What a user has said about being away, as it is stored.
struct SaidRow {
  UserId user_id;
  bool away = false;
  Timestamp said_at;
};

struct SeenRow {
  UserId user_id;
  std::optional<Timestamp> last_seen;  // nothing: never yet
};

// Those of `users` that have said something. Throws what Database::run throws, as the next.
awaitable<std::vector<SaidRow>> read_said(Database& database, std::vector<UserId> users);
// Those of `users` that belong to the workspace.
awaitable<std::vector<SeenRow>> read_last_seen(Database& database, WorkspaceId workspace,
                                               std::vector<UserId> users);

// Stores when users were last seen and what they have said: the first note of a user within 2 s,
// the next ones a minute later or more, together (store_presence sees to that over all instances).
// What is noted while the database is away is stored later; what is noted in the last minute before
// a process ends may be lost. Any thread; 200,000 users at most, and beyond, users are left out.
class PresenceWriter {
 public:
  explicit PresenceWriter(Database& database) : database_{database} {}

  void note_seen(UserId user, Timestamp at);
  // It counts as seen, too.
  void note_said(UserId user, bool away, Timestamp at);

  // Never returns; ends with its executor. Spawn it detached, once.
  awaitable<> run();
  // What is due now, 1,000 users at most; false when there may be more. Throws what Database::run
  // throws.
  awaitable<bool> store_due();

 private:
  struct Note {
    Timestamp seen;
    std::optional<bool> away = {};
    Timestamp said_at = {};

    void add(const Note& other);
  };
  struct Entry {
    std::optional<Note> note = {};  // nothing: all is stored
    SteadyClock::time_point due_at = {};
  };
  struct Batch {
    std::vector<UserId> users;
    std::vector<Note> notes;
  };

  void add(UserId user, const Note& note);
  Batch take_due();
  void finish(const Batch& batch, const std::vector<UserId>& refused);
  void put_back(const Batch& batch);

  Database& database_;
  std::mutex mutex_;
  std::unordered_map<UserId, Entry> entries_;
};

}  // namespace fechatter::postgres
