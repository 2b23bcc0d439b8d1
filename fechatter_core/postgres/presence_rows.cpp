#include "fechatter_core/postgres/presence_rows.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <unordered_set>

#include "fechatter_core/steady_timer.hpp"

namespace fechatter::postgres {
namespace {

constexpr std::size_t users_max = 200'000;
constexpr std::size_t batch_max = 1000;
constexpr std::chrono::seconds interval{2};
// As store_presence has them, and how long a refused user waits.
constexpr std::chrono::seconds pause_of_said{60};
constexpr std::chrono::seconds pause_of_seen{90};
constexpr std::chrono::seconds refused_pause{10};

const Statement select_said{"select_said",
                            "SELECT user_id, away, unix_micros(said_at) FROM user_presence"
                            " WHERE user_id = ANY ($1::bigint[]) AND said_at > '-infinity'"};

const Statement select_last_seen{
    "select_last_seen",
    "SELECT u.id, unix_micros(p.last_seen) FROM users u"
    " LEFT JOIN user_presence p ON p.user_id = u.id"
    " WHERE u.workspace_id = $1 AND u.id = ANY ($2::bigint[]) ORDER BY u.id"};

const Statement store{"store_presence",
                      "SELECT store_presence($1::bigint[], $2::bigint[], $3::boolean[],"
                      " $4::bigint[])"};

// An array of PostgreSQL: "{true,NULL,…}".
template <class Notes, class Text>
std::string array_of(const Notes& notes, Text text) {
  std::string array{"{"};
  for (const auto& note : notes) array += (array.size() > 1 ? "," : "") + text(note);
  return array + "}";
}

}  // namespace

awaitable<std::vector<SaidRow>> read_said(Database& database, std::vector<UserId> users) {
  auto read = [users = std::move(users)](Connection& connection) {
    std::vector<SaidRow> rows;
    for (const auto& row : connection.run(select_said, users)) {
      rows.push_back({UserId{row[0].as<std::int64_t>()}, row[1].as<bool>(),
                      from_unix_micros(row[2].as<std::int64_t>())});
    }
    return rows;
  };
  auto reading = database.run(std::move(read));
  co_return co_await std::move(reading);
}

awaitable<std::vector<SeenRow>> read_last_seen(Database& database, WorkspaceId workspace,
                                               std::vector<UserId> users) {
  auto read = [workspace, users = std::move(users)](Connection& connection) {
    std::vector<SeenRow> rows;
    for (const auto& row : connection.run(select_last_seen, workspace, users)) {
      rows.push_back({UserId{row[0].as<std::int64_t>()}, std::nullopt});
      if (!row[1].is_null()) rows.back().last_seen = from_unix_micros(row[1].as<std::int64_t>());
    }
    return rows;
  };
  auto reading = database.run(std::move(read));
  co_return co_await std::move(reading);
}

void PresenceWriter::Note::add(const Note& other) {
  seen = std::max(seen, other.seen);
  if (!other.away || (away && said_at > other.said_at)) return;
  away = other.away;
  said_at = other.said_at;
}

void PresenceWriter::note_seen(UserId user, Timestamp at) {
  add(user, {at});
}

void PresenceWriter::note_said(UserId user, bool away, Timestamp at) {
  add(user, {at, away, at});
}

void PresenceWriter::add(UserId user, const Note& note) {
  const std::lock_guard lock{mutex_};
  const auto known = entries_.find(user);
  if (known == entries_.end()) {
    if (entries_.size() < users_max) entries_.emplace(user, Entry{note});
  } else if (known->second.note) {
    known->second.note->add(note);
  } else {
    known->second.note = note;
  }
}

awaitable<> PresenceWriter::run() {
  const auto executor = co_await asio::this_coro::executor;
  SteadyTimer<Executor> timer{executor};
  while (true) {
    bool done = true;
    try {
      auto storing = store_due();
      done = co_await std::move(storing);
    } catch (const std::exception& error) {
      spdlog::debug("presence not stored; retrying: {}", error.what());
    }
    if (!done) continue;
    timer.expires_after(interval);
    boost::system::error_code ended;
    const asio::use_awaitable_t<Executor> token;
    auto waiting = timer.async_wait(asio::redirect_error(token, ended));
    co_await std::move(waiting);
    if (ended) co_return;
  }
}

awaitable<bool> PresenceWriter::store_due() {
  const auto batch = take_due();
  if (batch.users.empty()) co_return true;
  auto run = [&batch](Connection& connection) {
    const auto seen = array_of(
        batch.notes, [](const Note& note) { return std::to_string(to_unix_micros(note.seen)); });
    const auto away = array_of(batch.notes, [](const Note& note) {
      return std::string{note.away ? (*note.away ? "true" : "false") : "NULL"};
    });
    const auto said = array_of(
        batch.notes, [](const Note& note) { return std::to_string(to_unix_micros(note.said_at)); });
    std::vector<UserId> refused;
    for (const auto& row : connection.run(store, batch.users, seen, away, said)) {
      refused.push_back(UserId{row[0].as<std::int64_t>()});
    }
    return refused;
  };
  try {
    auto storing = database_.run(std::move(run));
    const auto refused = co_await std::move(storing);
    finish(batch, refused);
  } catch (...) {
    put_back(batch);
    throw;
  }
  co_return batch.users.size() < batch_max;
}

PresenceWriter::Batch PresenceWriter::take_due() {
  const auto now = SteadyClock::now();
  Batch batch;
  const std::lock_guard lock{mutex_};
  for (auto next = entries_.begin(); next != entries_.end() && batch.users.size() < batch_max;) {
    auto& [user, entry] = *next;
    if (entry.due_at > now) {
      ++next;
    } else if (!entry.note) {
      next = entries_.erase(next);
    } else {
      batch.users.push_back(user);
      batch.notes.push_back(*entry.note);
      entry.note.reset();
      entry.due_at = now + (batch.notes.back().away ? pause_of_said : pause_of_seen);
      ++next;
    }
  }
  return batch;
}

void PresenceWriter::finish(const Batch& batch, const std::vector<UserId>& refused) {
  const std::unordered_set<UserId> waiting(refused.begin(), refused.end());
  Batch again;
  for (std::size_t i = 0; i < batch.users.size(); ++i) {
    if (!waiting.contains(batch.users[i])) continue;
    again.users.push_back(batch.users[i]);
    again.notes.push_back(batch.notes[i]);
  }
  put_back(again);
}

void PresenceWriter::put_back(const Batch& batch) {
  const auto due_at = SteadyClock::now() + refused_pause;
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < batch.users.size(); ++i) {
    auto& entry = entries_[batch.users[i]];
    auto note = batch.notes[i];
    if (entry.note) note.add(*entry.note);
    entry.note = note;
    entry.due_at = due_at;
  }
}

}  // namespace fechatter::postgres
