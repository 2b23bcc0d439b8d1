#include "notify_server/log/superseded_events.hpp"

#include <algorithm>
#include <unordered_map>

namespace fechatter::notify {
namespace {

void end_before_unversioned(ReplaySlice& slice, Position after) {
  auto& events = slice.events;
  const auto first = std::ranges::find_if(
      events, [](const EventPtr& event) { return event->shows_message() && event->version == 0; });
  if (first == events.end()) return;
  slice.through = (*first)->position.stream_seq - 1;
  slice.expired = slice.through == after.stream_seq;
  events.erase(first, events.end());
}

}  // namespace

std::vector<MessageKey> messages_in(const ReplaySlice& slice) {
  std::vector<MessageKey> messages;
  for (const auto& event : slice.events) {
    if (event->shows_message()) messages.push_back(event->message());
  }
  std::ranges::sort(messages);
  const auto repeated = std::ranges::unique(messages);
  messages.erase(repeated.begin(), repeated.end());
  return messages;
}

void leave_out_superseded(ReplaySlice& slice, Position after,
                          const std::vector<postgres::MessageVersion>& present) {
  end_before_unversioned(slice, after);
  std::unordered_map<MessageKey, std::int64_t> versions;
  for (const auto& row : present) versions.emplace(row.message, row.version);
  std::erase_if(slice.events, [&versions](const EventPtr& event) {
    if (!event->shows_message()) return false;
    const auto found = versions.find(event->message());
    return found == versions.end() || found->second != event->version;
  });
}

}  // namespace fechatter::notify
