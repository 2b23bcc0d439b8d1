#include "notify_server/log/replay_slice.hpp"

#include <stdexcept>

namespace fechatter::notify {
namespace {

// No message of the workspace was found. True when it is certain that there was none.
bool had_none(event::EventStream& stream, Position after, std::uint64_t to) {
  const auto state = stream.find_state();
  if (!state) throw std::runtime_error{"there is no stream"};
  if (state->first_seq > after.stream_seq + 1 || state->has_hole()) return false;
  // Another stream, or one that has lost its tail, reuses sequences in a later epoch.
  const auto last = stream.find_message(to);
  return last && last->epoch.number == after.epoch;
}

}  // namespace

ReplaySlice read_slice(event::EventStream& stream, WorkspaceId workspace, Position after,
                       std::uint64_t to, const event::ReadLimits& limits) {
  const auto range = stream.read_workspace(workspace, after.stream_seq + 1, limits);
  ReplaySlice slice;
  slice.through = after.stream_seq;
  for (const auto& message : range.messages) {
    const auto epoch = message.epoch.number;
    if (epoch == 0) continue;  // not the relay's: no event
    if (epoch != after.epoch || message.workspace_previous > slice.through) {
      slice.expired = slice.through == after.stream_seq;
      return slice;
    }
    if (message.stream_seq > to) {
      slice.through = to;
      return slice;
    }
    slice.through = message.stream_seq;
    auto event = read_event(message.data, {epoch, message.stream_seq});
    if (event && event->workspace_id == workspace) slice.events.push_back(std::move(event));
  }
  // What follows the last message is decided by the next read, which begins after it.
  if (slice.through > after.stream_seq) return slice;
  if (!range.complete) throw std::runtime_error{"only foreign messages were read"};
  slice.expired = !had_none(stream, after, to);
  if (!slice.expired) slice.through = to;
  return slice;
}

}  // namespace fechatter::notify
