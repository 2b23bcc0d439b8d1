#include "tests/simulator/simulated_erasures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fechatter::simulator {

std::int64_t SimulatedDatabase::supersede() {
  simulation_.point();
  if (!up_ || state_.rows.empty()) return 0;
  auto victim = state_.rows.begin();
  // Mostly one of the newest.
  const auto back = simulation_.random().below(simulation_.random().one_in(3) ? 200 : 8);
  std::advance(victim,
               state_.rows.size() - 1 - std::min<std::size_t>(back, state_.rows.size() - 1));
  if (victim->second.erased) return 0;
  state_.to_erase.insert(victim->second.event.uid);
  flush();
  simulation_.trace(fmt::format("superseded {}", victim->second.event.uid));
  return victim->second.event.uid;
}

void SimulatedDatabase::find_texts() {
  simulation_.point();
  if (up_) remove_texts();
}

void SimulatedDatabase::remove_texts() {
  const auto requested = std::exchange(state_.to_erase, {});
  for (const auto& text : state_.texts) {
    if (!requested.contains(text.uid)) continue;
    state_.erasures.try_emplace(
        text.at, ErasureRecord{{text.at, EventId{text.event_id}, {}, 0}, false, false});
  }
  std::erase_if(state_.texts, [&](const Text& text) { return requested.contains(text.uid); });
  for (auto& [id, row] : state_.rows) {
    if (!requested.contains(row.event.uid)) continue;
    row.erased = true;
    ever_erased_.insert(row.event.uid);
  }
  flush();
}

// As the SQL function of this name does.
std::vector<event::Erasure> SimulatedDatabase::erasures_between(std::int64_t epoch,
                                                                std::uint64_t first,
                                                                std::uint64_t last,
                                                                std::size_t max) const {
  std::vector<event::Erasure> found;
  for (const auto& [at, record] : state_.erasures) {
    const bool is_inside = at.stream_seq >= first && at.stream_seq <= last;
    const bool is_of = epoch == event::any_epoch || epoch == at.epoch;
    if (record.asked && is_inside && is_of) found.push_back(record.erasure);
  }
  std::ranges::sort(found, {}, [](const auto& erasure) { return erasure.position.stream_seq; });
  if (found.size() > max) found.resize(max);
  return found;
}

template <class F>
auto SimulatedErasures::run(F statement) {
  simulation_.point();
  const auto generation = database_.generation_;
  const auto require_server = [&] {
    const bool answers = database_.up_ && !cut_off_ && database_.generation_ == generation;
    if (!answers) throw event::ErasuresUnknown{"the database is down"};
  };
  require_server();
  auto answer = statement();
  simulation_.point();
  require_server();
  return answer;
}

std::vector<server::OpenErasure> SimulatedErasures::open(std::size_t max) {
  return run([&] {
    std::vector<server::OpenErasure> open;
    for (const auto& [at, record] : database_.state_.erasures) {
      if (open.size() == max) break;
      if (!record.done) open.push_back({at, record.erasure.event, record.asked});
    }
    return open;
  });
}

std::vector<std::uint64_t> SimulatedErasures::ask(const std::vector<event::Erasure>& erasures) {
  return run([&] {
    std::vector<std::uint64_t> asked;
    for (const auto& erasure : erasures) {
      const auto record = database_.state_.erasures.find(erasure.position);
      if (record == database_.state_.erasures.end()) continue;
      const auto& lease = database_.state_.lease;
      const auto& at = erasure.position;
      if (at.epoch != lease.epoch && at.stream_seq >= lease.epoch_first_seq) continue;
      record->second.erasure = erasure;
      record->second.asked = true;
      asked.push_back(erasure.position.stream_seq);
    }
    database_.flush();
    return asked;
  });
}

void SimulatedErasures::settle(const std::vector<event::Position>& erased,
                               const std::vector<event::Position>& without_text) {
  run([&] {
    auto& records = database_.state_.erasures;
    for (const auto* positions : {&erased, &without_text}) {
      for (const auto& at : *positions) {
        const auto record = records.find(at);
        if (record != records.end()) record->second.done = record->second.asked;
      }
    }
    for (const auto& at : without_text) {
      const auto record = records.find(at);
      if (record != records.end() && !record->second.asked) records.erase(record);
    }
    database_.flush();
    return true;
  });
}

std::vector<event::Erasure> SimulatedErasures::erased(std::int64_t epoch, std::uint64_t first,
                                                      std::uint64_t last) {
  return run([&] {
    if (simulation_.random().one_in(20)) throw event::ErasuresUnknown{"no answer"};
    return database_.erasures_between(epoch, first, last, 10);
  });
}

}  // namespace fechatter::simulator
