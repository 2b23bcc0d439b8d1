#include "notify_server/log/replay_reader.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

constexpr std::uint64_t slice_messages = 512;

// Up to the first message that is not the next one, or is of another epoch.
ReplaySlice slice_of(const std::vector<event::StreamMessage>& messages, WorkspaceId workspace,
                     Position after) {
  ReplaySlice slice;
  slice.through = after.stream_seq;
  for (const auto& message : messages) {
    const auto epoch = message.epoch.number;
    if (message.stream_seq != slice.through + 1 || (epoch != 0 && epoch != after.epoch)) break;
    ++slice.through;
    if (epoch == 0) continue;  // not the relay's: no event
    auto event = read_event(message.data, {epoch, message.stream_seq});
    if (event && event->workspace_id == workspace) slice.events.push_back(std::move(event));
  }
  slice.expired = slice.through == after.stream_seq;
  return slice;
}

}  // namespace

ReplayReader::ReplayReader(ReplaySettings settings)
    : nats_{std::move(settings.nats)},
      pool_{{settings.replays, settings.queue_max, "Too many clients come back at once."},
            [] { return Session{}; }} {}

awaitable<ReplaySlice> ReplayReader::read(WorkspaceId workspace, Position after, std::uint64_t to) {
  auto read = [this, workspace, after, to](Session& session) {
    const auto first = after.stream_seq + 1;
    const auto last = std::min(to, after.stream_seq + slice_messages);
    try {
      if (!session || !session->alive()) session.emplace(nats_);
      return slice_of(nats::JetStream{*session}.read_range(first, last), workspace, after);
    } catch (const nats::Failure&) {
      session.reset();
      throw;
    }
  };
  auto reading = pool_.run(std::move(read));
  co_return co_await std::move(reading);
}

}  // namespace fechatter::notify
