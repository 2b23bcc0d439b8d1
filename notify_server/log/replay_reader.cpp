#include "notify_server/log/replay_reader.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

constexpr event::ReadLimits largest_slice;

}  // namespace

ReplayReader::ReplayReader(ReplaySettings settings)
    : nats_{std::move(settings.nats)},
      messages_max_{largest_slice.messages},
      pool_{{settings.replays, settings.queue_max, "Too many clients come back at once."},
            [url = std::move(settings.database_url)] { return Session{url}; }} {}

awaitable<ReplaySlice> ReplayReader::read(WorkspaceId workspace, FrameId after, std::uint64_t to) {
  auto read = [this, workspace, after, to](Session& session) {
    return read_with(session, workspace, after, to);
  };
  auto reading = pool_.run(std::move(read));
  co_return co_await std::move(reading);
}

ReplaySlice ReplayReader::read_with(Session& session, WorkspaceId workspace, FrameId after,
                                    std::uint64_t to) {
  const auto messages = messages_max_.load();
  try {
    if (!session.nats || !session.nats->alive()) session.nats.emplace(nats_);
    nats::JetStream stream{*session.nats};
    auto slice =
        read_slice(stream, session.erasures, workspace, after, to, {messages, largest_slice.bytes});
    messages_max_ = std::min(messages * 2, largest_slice.messages);
    return slice;
  } catch (const nats::Failure& failure) {
    if (failure.status() == NATS_TIMEOUT) messages_max_ = std::max(messages / 2, std::size_t{1});
    session.nats.reset();
    throw;
  }
}

}  // namespace fechatter::notify
