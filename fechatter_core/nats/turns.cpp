#include "fechatter_core/nats/turns.hpp"

#include <deque>
#include <string_view>
#include <unordered_map>

#include "fechatter_core/nats/stored_message.hpp"

namespace fechatter::nats {
namespace {

constexpr std::size_t turn_events = 16;

// Of fechatter.v1.event.<workspace>.…; 0 for another subject.
std::int64_t workspace_of(std::string_view subject) {
  constexpr std::string_view prefix = "fechatter.v1.event.";
  if (!subject.starts_with(prefix)) return 0;
  subject.remove_prefix(prefix.size());
  return number_of<std::int64_t>(subject.substr(0, subject.find('.')));
}

bool is_full(const Batch& batch, BatchSize max) {
  return batch.size() >= max.count || batch.bytes >= max.bytes;
}

}  // namespace

std::vector<Batch> by_turns(Batch window, BatchSize max) {
  std::deque<std::deque<std::size_t>> queues;  // the places of each workspace's events
  std::unordered_map<std::int64_t, std::size_t> queue_of;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const auto workspace = workspace_of(window.messages[i].subject());
    const auto [queue, is_new] = queue_of.try_emplace(workspace, queues.size());
    if (is_new) queues.emplace_back();
    queues[queue->second].push_back(i);
  }
  std::vector<Batch> batches;
  while (!queues.empty()) {
    auto queue = std::move(queues.front());
    queues.pop_front();
    for (std::size_t taken = 0; taken < turn_events && !queue.empty(); ++taken) {
      if (batches.empty() || is_full(batches.back(), max)) batches.emplace_back();
      auto& batch = batches.back();
      batch.bytes += window.events[queue.front()].data.size();
      batch.events.push_back(std::move(window.events[queue.front()]));
      batch.messages.push_back(std::move(window.messages[queue.front()]));
      queue.pop_front();
    }
    if (!queue.empty()) queues.push_back(std::move(queue));
  }
  return batches;
}

}  // namespace fechatter::nats
