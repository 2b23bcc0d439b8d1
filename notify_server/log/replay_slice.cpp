#include "notify_server/log/replay_slice.hpp"

#include <algorithm>
#include <stdexcept>

namespace fechatter::notify {
namespace {

// No message of the workspace was found. True when it is certain that there was none. The records
// of erasures are read after the holes: they are older.
bool had_none(event::EventStream& stream, event::KnownErasures& erasures, Position after,
              std::uint64_t to) {
  const auto state = stream.find_state();
  if (!state) throw std::runtime_error{"there is no stream"};
  if (state->last_seq < to) return false;
  const auto first = after.stream_seq + 1;
  const auto before_first = std::min(state->first_seq - 1, to);
  if (!erasures.cover(after.epoch, first, before_first)) return false;
  const auto holes = state->has_hole() ? stream.find_missing() : std::vector<std::uint64_t>{};
  for (const auto missing : holes) {
    if (missing < first || missing > to) continue;
    if (!erasures.find(after.epoch, missing, missing, to)) return false;
  }
  // Another stream, or one that has lost its tail, reuses sequences in a later epoch.
  const auto last = stream.find_message(to);
  return last ? last->epoch.number == after.epoch : erasures.find(after.epoch, to) != nullptr;
}

// Whether each message of the workspace between the two sequences was erased: `previous` is the one
// before a message that was read.
bool were_erased(event::KnownErasures& erasures, WorkspaceId workspace, Position through,
                 std::uint64_t previous) {
  while (previous > through.stream_seq) {
    const auto* erasure = erasures.find(through.epoch, previous, through.stream_seq + 1, previous);
    if (!erasure || erasure->workspace != workspace) return false;
    previous = erasure->workspace_previous;
  }
  return true;
}

}  // namespace

ReplaySlice read_slice(event::EventStream& stream, event::ErasureSource& source,
                       WorkspaceId workspace, Position after, std::uint64_t to,
                       const event::ReadLimits& limits) {
  event::KnownErasures erasures{source};
  const auto range = stream.read_workspace(workspace, after.stream_seq + 1, limits);
  ReplaySlice slice;
  slice.through = after.stream_seq;
  for (const auto& message : range.messages) {
    const auto epoch = message.epoch.number;
    if (epoch == 0) continue;  // not the relay's: no event
    const Position through{after.epoch, slice.through};
    if (epoch != after.epoch ||
        !were_erased(erasures, workspace, through, message.workspace_previous)) {
      slice.expired = slice.through == after.stream_seq;
      return slice;
    }
    if (message.stream_seq > to) {
      slice.through = to;
      return slice;
    }
    slice.through = message.stream_seq;
    auto event = read_event(message.data, {epoch, message.stream_seq});
    if (event && !event->erased && event->workspace_id == workspace)
      slice.events.push_back(std::move(event));
  }
  // What follows the last message is decided by the next read, which begins after it.
  if (slice.through > after.stream_seq) return slice;
  if (!range.complete) throw std::runtime_error{"only foreign messages were read"};
  slice.expired = !had_none(stream, erasures, after, to);
  if (!slice.expired) slice.through = to;
  return slice;
}

}  // namespace fechatter::notify
