#include "notify_server/log/replay_slice.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace fechatter::notify {
namespace {

// The records of erasures are read after what the stream holds: they are older than its holes.

// No message of the workspace was found. True when it is certain that there was none.
bool had_none(event::EventStream& stream, event::ErasureSource& source, WorkspaceId workspace,
              Position after, std::uint64_t to) {
  event::KnownErasures erasures{source};
  auto state = stream.find_state();
  std::vector<std::uint64_t> holes;
  if (state && state->has_hole()) {
    holes = stream.find_missing();
    // An erasure at its beginning may have moved the stream's first sequence beyond a hole.
    state = stream.find_state();
  }
  if (!state) throw std::runtime_error{"there is no stream"};
  if (state->last_seq < to) return false;
  const auto first = after.stream_seq + 1;
  const auto before_first = std::min(state->first_seq - 1, to);
  if (!erasures.cover(after.epoch, first, before_first)) return false;
  for (const auto missing : holes) {
    if (missing < first || missing > to) continue;
    if (!erasures.find(after.epoch, missing)) return false;
  }
  // What was lost from the end may have been published again since the read.
  if (!stream.read_workspace(workspace, first, {1, 1}).messages.empty()) {
    throw std::runtime_error{"the stream has changed meanwhile"};
  }
  // Another stream, or one that has lost its tail, reuses sequences in a later epoch.
  const auto last = stream.find_message(to);
  return last ? last->epoch.number == after.epoch : erasures.find(after.epoch, to) != nullptr;
}

// The stream has another message where the client has that event. An erased one has no successor.
bool uses_again(event::EventStream& stream, FrameId id) {
  if (id.event.value == 0) return false;
  const auto message = stream.find_message(id.position.stream_seq);
  return message && message->message_id != event::message_id_of(id.position.epoch, id.event);
}

// The erased messages of one workspace between those of a slice that were read: one answer of the
// source, or more until there is one of them. What lies beyond, the next slice finds.
class ErasedBetween {
 public:
  ErasedBetween(event::ErasureSource& source, WorkspaceId workspace, Position after,
                std::uint64_t last)
      : source_{source}, workspace_{workspace}, through_{after}, last_{last} {}

  // Passes `through`, which is a sequence of the slice, over erased messages up to `previous`, the
  // one before a message that was read. False when another one is missing, or not known yet.
  bool pass(std::uint64_t& through, std::uint64_t previous) {
    while (through < previous) {
      const auto* erasure = next(through, previous);
      if (!erasure || erasure->workspace_previous > through) return false;
      through = erasure->position.stream_seq;
      found_ = true;
    }
    return true;
  }

 private:
  // The first one after that sequence, up to another.
  const event::Erasure* next(std::uint64_t after, std::uint64_t to) {
    while (true) {
      for (; next_ < records_.size(); ++next_) {
        const auto& record = records_[next_];
        if (record.position.stream_seq > to) return nullptr;
        if (record.position.stream_seq > after && record.workspace == workspace_) return &record;
      }
      if (found_ || through_.stream_seq >= to) return nullptr;
      read();
    }
  }
  void read() {
    records_ = source_.erased(through_.epoch, through_.stream_seq + 1, last_);
    next_ = 0;
    through_.stream_seq = records_.empty() ? last_ : records_.back().position.stream_seq;
  }

  event::ErasureSource& source_;
  const WorkspaceId workspace_;
  Position through_;  // the records are read up to there
  const std::uint64_t last_;
  std::vector<event::Erasure> records_;
  std::size_t next_ = 0;
  bool found_ = false;
};

}  // namespace

ReplaySlice read_slice(event::EventStream& stream, event::ErasureSource& source,
                       WorkspaceId workspace, FrameId client, std::uint64_t to,
                       const event::ReadLimits& limits) {
  const auto after = client.position;
  if (uses_again(stream, client)) return {{}, after.stream_seq, true};
  const auto range = stream.read_workspace(workspace, after.stream_seq + 1, limits);
  const auto last = range.messages.empty() ? 0 : range.messages.back().stream_seq;
  ErasedBetween erased{source, workspace, after, last};
  ReplaySlice slice;
  slice.through = after.stream_seq;
  for (const auto& message : range.messages) {
    const auto epoch = message.epoch.number;
    if (epoch == 0) continue;  // not the relay's: no event
    if (epoch != after.epoch || !erased.pass(slice.through, message.workspace_previous)) {
      slice.expired = slice.through == after.stream_seq;
      slice.through = std::min(slice.through, to);
      return slice;
    }
    if (message.stream_seq > to) {
      slice.through = to;
      return slice;
    }
    slice.through = message.stream_seq;
    auto event = read_event(message.data, {epoch, message.stream_seq});
    const bool shows = event && !event->erased && event->workspace_id == workspace;
    if (shows) slice.events.push_back(std::move(event));
  }
  // What follows the last message is decided by the next read, which begins after it.
  if (slice.through > after.stream_seq) return slice;
  if (!range.complete) throw std::runtime_error{"only foreign messages were read"};
  slice.expired = !had_none(stream, source, workspace, after, to);
  if (!slice.expired) slice.through = to;
  return slice;
}

}  // namespace fechatter::notify
