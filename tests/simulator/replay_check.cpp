#include "tests/simulator/replay_check.hpp"

#include <fmt/format.h>

#include <set>

namespace fechatter::simulator {

void ReplayCheck::add(const event::StreamMessage& message) {
  const event::Position at{message.epoch.number, message.stream_seq};
  const auto workspace = workspace_in(message.data);
  // After a lost tail, sequences are used again.
  const auto lost = positions_.lower_bound(at);
  const auto end = positions_.lower_bound({at.epoch + 1, 0});
  for (auto next = lost; next != end; ++next) lost_[next->first] = next->second.event;
  positions_.erase(lost, end);
  std::uint64_t previous = 0;
  for (auto next = positions_.lower_bound({at.epoch, 0}); next != positions_.end(); ++next) {
    if (next->second.workspace == workspace) previous = next->first.stream_seq;
  }
  if (message.workspace_previous != previous) {
    simulation_.fail(fmt::format("{} names {} before it, not {}", message.message_id,
                                 message.workspace_previous, previous));
  }
  const auto event = event::parse_message_id(message.message_id).event;
  positions_[at] = {workspace, uid_in(message.data), event};
}

void ReplayCheck::run() {
  while (true) {
    try {
      SimulatedStream stream{simulation_, nats_, cut_off_};
      SimulatedErasures erasures{simulation_, database_, cut_off_};
      while (true) {
        simulation_.sleep(simulation_.random().up_to(milliseconds{400}));
        replay(stream, erasures);
        replay_from_lost(stream, erasures);
      }
    } catch (const std::runtime_error& error) {
      simulation_.trace(error.what());
    }
    simulation_.sleep(milliseconds{200});
  }
}

void ReplayCheck::replay(event::EventStream& stream, event::ErasureSource& erasures) {
  auto& random = simulation_.random();
  if (positions_.empty()) return;
  auto end = std::prev(positions_.end());
  for (auto back = random.below(5); back > 0 && end != positions_.begin(); --back) --end;
  const auto to = end->first;
  const auto first = positions_.lower_bound({to.epoch, 0})->first.stream_seq;
  const event::Position after{to.epoch, first - 1 + random.below(to.stream_seq - first + 1)};
  const auto workspace = 1 + static_cast<std::int64_t>(random.below(2));
  const auto before = positions_;
  const auto slice = notify::read_slice(stream, erasures, WorkspaceId{workspace}, {after, {}},
                                        to.stream_seq, {1 + random.below(6), 1024});
  if (!slice.expired) check(workspace, after, slice, before);
}

void ReplayCheck::replay_from_lost(event::EventStream& stream, event::ErasureSource& erasures) {
  if (lost_.empty()) return;
  const auto [at, event] = *std::next(
      lost_.begin(), static_cast<std::ptrdiff_t>(simulation_.random().below(lost_.size())));
  const auto before = stream.find_message(at.stream_seq);
  if (!before || before->epoch.number != at.epoch) return;
  if (before->message_id == event::message_id_of(at.epoch, event)) return;
  const auto newest = std::prev(positions_.lower_bound({at.epoch + 1, 0}))->first;
  const auto slice = notify::read_slice(stream, erasures, WorkspaceId{1}, {at, event},
                                        newest.stream_seq, {6, 1024});
  const auto after = stream.find_message(at.stream_seq);
  if (slice.expired || !after || after->message_id != before->message_id) return;
  simulation_.fail(fmt::format("a client with event {} at {}, where {} is, was served", event.value,
                               at.stream_seq, after->message_id));
}

// The slice has all of the workspace's events that were stored there before and after the read.
void ReplayCheck::check(std::int64_t workspace, event::Position after,
                        const notify::ReplaySlice& slice, const Positions& before) {
  std::set<std::int64_t> read;
  for (const auto& event : slice.events) read.insert(uid_in(event->frame));
  const auto end = before.upper_bound({after.epoch, slice.through});
  for (auto next = before.upper_bound(after); next != end; ++next) {
    const auto& [at, stored] = *next;
    const auto now = positions_.find(at);
    const bool certain = now != positions_.end() && now->second == stored;
    if (!certain || stored.workspace != workspace || read.contains(stored.uid)) continue;
    if (stored.uid == 0 || database_.was_erased(stored.uid)) continue;
    simulation_.fail(fmt::format("a replay of ({}, {}] in epoch {} missed event {} at {}",
                                 after.stream_seq, slice.through, after.epoch, stored.uid,
                                 at.stream_seq));
  }
}

}  // namespace fechatter::simulator
