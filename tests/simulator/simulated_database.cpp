#include "tests/simulator/simulated_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "fechatter_core/clock.hpp"

namespace fechatter::simulator {
namespace {

constexpr std::int64_t lease_micros = 1'500'000;

std::string envelope_of(std::int64_t id, const SimulatedDatabase::Row& row) {
  if (row.erased) {
    return fmt::format(
        R"({{"event_id":{},"type":"Erased","workspace_id":{},"chat_id":{},"occurred_at":"{}",)"
        R"("audience":"chat","data":{{}}}})",
        id, row.event.workspace(), row.event.chat,
        to_rfc3339(from_unix_micros(row.created_micros)));
  }
  return fmt::format(
      R"({{"event_id":{},"type":"NewMessage","workspace_id":{},"chat_id":{},"occurred_at":"{}",)"
      R"("audience":"chat","data":{{"uid":{}}}}})",
      id, row.event.workspace(), row.event.chat, to_rfc3339(from_unix_micros(row.created_micros)),
      row.event.uid);
}

}  // namespace

bool SimulatedDatabase::write(std::int64_t chat) {
  simulation_.point();
  if (!up_ || !locked_chats_.insert(chat).second) return false;
  const auto generation = generation_;
  // Rolled back when the actor is killed.
  struct Unlock {
    SimulatedDatabase& database;
    const int generation;
    const std::int64_t chat;
    ~Unlock() {
      if (database.generation_ == generation) database.locked_chats_.erase(chat);
    }
  } const unlock{*this, generation, chat};
  const auto id = ++state_.last_id;
  const Row row{{++uids_, chat}, now_micros(), 0, 0, {}, 0, false};
  simulation_.point();
  if (simulation_.random().one_in(4))
    simulation_.sleep(simulation_.random().up_to(milliseconds{300}));
  if (generation != generation_ || simulation_.random().one_in(20)) return false;
  state_.rows.emplace(id, row);
  flush();
  simulation_.trace(fmt::format("committed {} as event {} of chat {}", row.event.uid, id, chat));
  return true;
}

void SimulatedDatabase::crash() {
  state_ = durable();
  flush();
  up_ = false;
  ++generation_;
  locked_chats_.clear();
}

SimulatedDatabase::State SimulatedDatabase::durable() const {
  auto state = state_;
  for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
    for (const auto& [id, row] : change->rows) state.rows[id] = row;
    state.lease = change->lease;
    state.workspaces = change->workspaces;
    state.texts = change->texts;
    state.to_erase = change->to_erase;
  }
  return state;
}

bool SimulatedDatabase::restore() {
  if (!backup_) return false;
  crash();
  state_ = *std::exchange(backup_, std::nullopt);
  return true;
}

void SimulatedDatabase::mark(std::int64_t epoch, const server::Published& published) {
  auto& lease = state_.lease;
  std::map<std::int64_t, Row> before;
  const auto lease_before = lease;
  const auto workspaces_before = state_.workspaces;
  auto texts_before = state_.texts;
  auto to_erase_before = state_.to_erase;
  for (std::size_t i = 0; i < published.ids.size(); ++i) {
    const auto id = published.ids[i];
    const auto stream_seq = static_cast<std::uint64_t>(published.stream_seqs[i]);
    lease.republish_after = std::max(lease.republish_after, id);
    const auto found = state_.rows.find(id);
    if (found == state_.rows.end()) continue;
    auto& row = found->second;
    if (row.created_micros != published.created_micros[i]) continue;
    on_mark(epoch, id, stream_seq);
    before.emplace(id, row);
    if (row.first_position.epoch == 0) row.first_position = {row.epoch, row.stream_seq};
    row.epoch = epoch;
    row.stream_seq = stream_seq;
    row.published_micros = now_micros();
    state_.workspaces[row.event.workspace()] = {epoch, stream_seq};
    state_.texts.push_back({id, row.event.uid, {epoch, stream_seq}});
    if (row.erased) state_.to_erase.insert(row.event.uid);
  }
  lease.last_stream_seq = static_cast<std::uint64_t>(published.stream_seqs.back());
  lease.last_event_id = published.ids.back();
  lease.published_micros = now_micros();
  undo_.push_back({std::move(before), lease_before, workspaces_before, std::move(texts_before),
                   std::move(to_erase_before)});
}

// As the SQL function relay_raise_epoch does.
void SimulatedDatabase::raise_epoch(const server::NewEpoch& next) {
  auto& lease = state_.lease;
  if (next.number <= lease.epoch) simulation_.fail("an epoch did not rise");
  on_epoch(next.number);
  if (next.restored || next.highest_in_stream.value > state_.last_id) {
    if (!locked_chats_.empty()) throw std::runtime_error{"lock timeout on the outbox"};
    raise_identities(next.highest_in_stream.value, next.newest_micros);
  }
  for (auto& [id, row] : state_.rows) {
    if (row.epoch != 0 || id > next.republished_through.value) continue;
    row.epoch = next.number - 1;
    row.stream_seq = next.first_seq - 1;
    row.published_micros = now_micros();
    state_.texts.push_back({id, row.event.uid, {row.epoch, row.stream_seq}});
  }
  const auto last = lease.published_micros == 0 ? now_micros() : lease.published_micros;
  lease.covers_micros =
      last - std::chrono::duration_cast<std::chrono::microseconds>(next.republish).count();
  lease.epoch = next.number;
  lease.epoch_first_seq = next.first_seq;
  lease.last_stream_seq = next.first_seq - 1;
  lease.last_event_id = 0;
  lease.stream_created = next.stream_created;
  lease.republish_after = published_before(lease.covers_micros - rules_.republish_margin_micros);
  const auto newest = state_.rows.empty() ? 0 : state_.rows.rbegin()->first;
  lease.republish_until = newest > lease.republish_after ? newest : 0;
  flush();
  simulation_.trace(fmt::format("epoch {} begins at {}, republishes {} to {}", lease.epoch,
                                next.first_seq, lease.republish_after, lease.republish_until));
}

void SimulatedDatabase::raise_identities(std::int64_t beyond, std::int64_t newest_micros) {
  state_.last_id = std::max(state_.last_id, beyond) + 1000;
  const auto is_young = [=](const Row& row) {
    return row.epoch == 0 && row.created_micros > newest_micros;
  };
  std::vector<Row> waiting;
  for (const auto& [id, row] : state_.rows) {
    if (is_young(row)) waiting.push_back(row);
  }
  std::erase_if(state_.rows, [&](const auto& item) { return is_young(item.second); });
  for (const auto& row : waiting) state_.rows.emplace(++state_.last_id, row);
  simulation_.trace("identities moved on");
}

std::int64_t SimulatedDatabase::published_before(std::int64_t micros) const {
  if (state_.rows.empty()) return 0;
  auto low = state_.rows.begin()->first - 1;
  auto high = state_.rows.rbegin()->first;
  while (low < high) {
    const auto middle = (low + high + 1) / 2;
    const auto found = state_.rows.upper_bound(middle);
    const bool old = found != state_.rows.begin() && std::prev(found)->second.epoch != 0 &&
                     std::prev(found)->second.published_micros < micros;
    if (old) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

template <class F>
auto SimulatedRelayStore::run(F statement) {
  simulation_.point();
  const auto require_server = [this](int generation) {
    if (database_.up_ && !cut_off_ && database_.generation_ == generation) return;
    throw std::runtime_error{"the database is down"};
  };
  require_server(database_.generation_);
  session_ = database_.generation_;
  auto answer = statement();
  simulation_.point();
  require_server(session_);
  return answer;
}

server::RelayState SimulatedRelayStore::relay_state() const {
  const auto& lease = database_.state_.lease;
  server::RelayState state;
  state.token = lease.token;
  state.epoch = {lease.epoch, lease.epoch_first_seq, lease.covers_micros / 1'000'000,
                 EventId{lease.republish_until}};
  state.last_stream_seq = lease.last_stream_seq;
  state.last_event_id = EventId{lease.last_event_id};
  state.stream_created = lease.stream_created;
  state.last_published_ago =
      std::chrono::microseconds{database_.now_micros() - lease.published_micros};
  state.republish_after = EventId{lease.republish_after};
  state.republish_until = EventId{lease.republish_until};
  return state;
}

std::optional<server::RelayState> SimulatedRelayStore::acquire_lease(
    const std::string& /*holder*/) {
  auto state = run([&]() -> std::optional<server::RelayState> {
    auto& lease = database_.state_.lease;
    if (lease.expires_micros >= database_.now_micros()) return std::nullopt;
    ++lease.token;
    lease.expires_micros = database_.now_micros() + lease_micros;
    database_.flush();
    return relay_state();
  });
  if (state) lease_session_ = session_;
  return state;
}

bool SimulatedRelayStore::renew_lease(std::int64_t token) {
  return run([&] {
    auto& lease = database_.state_.lease;
    if (lease.token != token) return false;
    lease.expires_micros = database_.now_micros() + lease_micros;
    database_.flush();
    return true;
  });
}

void SimulatedRelayStore::release_lease(std::int64_t token) {
  run([&] {
    if (database_.state_.lease.token == token) database_.state_.lease.expires_micros = 0;
    database_.flush();
    return true;
  });
}

template <class Condition>
std::vector<server::OutboxRow> SimulatedRelayStore::select(BatchSize size,
                                                           Condition condition) const {
  std::vector<server::OutboxRow> rows;
  std::size_t bytes = 0;
  for (const auto& [id, row] : database_.state_.rows) {
    if (rows.size() == size.count || bytes >= size.bytes) break;
    if (!condition(id, row)) continue;
    const auto workspace = row.event.workspace();
    const auto& workspaces = database_.state_.workspaces;
    const auto last = workspaces.find(workspace);
    rows.push_back({EventId{id}, row.created_micros, WorkspaceId{workspace}, ChatId{row.event.chat},
                    "NewMessage", envelope_of(id, row),
                    row.first_position.epoch > 0 ? row.first_position
                                                 : event::Position{row.epoch, row.stream_seq},
                    last == workspaces.end() ? event::Position{} : last->second});
    bytes += rows.back().envelope.size();
  }
  if (rows.size() > 1 && simulation_.random().one_in(50)) throw event::TookTooLong{"rows"};
  return rows;
}

std::vector<server::OutboxRow> SimulatedRelayStore::to_republish(const server::RelayState& state,
                                                                 BatchSize size) {
  return run([&] {
    return select(size, [&](std::int64_t id, const auto& row) {
      return id > state.republish_after.value && id <= state.republish_until.value &&
             row.epoch < state.epoch.number;
    });
  });
}

std::vector<server::OutboxRow> SimulatedRelayStore::unpublished(BatchSize size) {
  return run(
      [&] { return select(size, [](std::int64_t, const auto& row) { return row.epoch == 0; }); });
}

bool SimulatedRelayStore::mark(const server::RelayState& state,
                               const server::Published& published) {
  return run([&] {
    const auto& lease = database_.state_.lease;
    const bool same = lease.token == state.token && lease.epoch == state.epoch.number &&
                      lease.last_stream_seq == state.last_stream_seq;
    if (!same) return false;
    if (published.ids.size() > 1 && simulation_.random().one_in(200)) {
      throw event::TookTooLong{"marks"};
    }
    database_.mark(state.epoch.number, published);
    return true;
  });
}

std::vector<std::int64_t> SimulatedRelayStore::created_of(const std::vector<std::int64_t>& ids) {
  return run([&] {
    std::vector<std::int64_t> created;
    for (const auto id : ids) {
      const auto found = database_.state_.rows.find(id);
      created.push_back(found == database_.state_.rows.end() ? 0 : found->second.created_micros);
    }
    return created;
  });
}

std::vector<event::Erasure> SimulatedRelayStore::erased(std::int64_t epoch, std::uint64_t first,
                                                        std::uint64_t last) {
  return run([&] { return database_.erasures_between(epoch, first, last, 10); });
}

std::optional<server::RelayState> SimulatedRelayStore::raise_epoch(std::int64_t token,
                                                                   const server::NewEpoch& next) {
  return run([&]() -> std::optional<server::RelayState> {
    if (database_.state_.lease.token != token) return std::nullopt;
    database_.raise_epoch(next);
    return relay_state();
  });
}

}  // namespace fechatter::simulator
