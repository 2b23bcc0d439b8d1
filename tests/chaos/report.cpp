#include "tests/chaos/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace fechatter::chaos {
namespace {

void row(const std::string& name, const std::string& value) {
  fmt::print("  {:<34} {:>10}\n", name, value);
}

void row(const std::string& name, std::int64_t value) {
  row(name, fmt::format("{}", value));
}

std::map<std::string, int> faults_by_kind(const Result& result) {
  std::map<std::string, int> counts;
  for (const auto& fault : result.histories.faults) ++counts[fault.kind];
  return counts;
}

void print_clients(const Histories& histories) {
  std::int64_t accepted = 0;
  std::int64_t retries = 0;
  std::int64_t unknown = 0;
  for (const auto& send : histories.sends) {
    accepted += send.outcome == Outcome::ok ? 1 : 0;
    unknown += send.outcome == Outcome::unknown ? 1 : 0;
    retries += std::max(0, send.attempts - 1);
  }
  std::int64_t deliveries = 0;
  std::int64_t connections = 0;
  std::map<std::string, int> resets;
  for (const auto& log : histories.subscribers) {
    for (const auto& entry : log.entries) {
      deliveries += entry.kind == StreamEntry::Kind::event ? 1 : 0;
      connections += entry.kind == StreamEntry::Kind::connected ? 1 : 0;
      if (entry.kind == StreamEntry::Kind::reset) ++resets[entry.text];
    }
  }
  row("messages accepted", accepted);
  row("messages of unknown outcome", unknown);
  row("retries with the same key", retries);
  std::int64_t files_of_messages = 0;
  for (const auto& send : histories.sends) {
    if (send.outcome == Outcome::ok) {
      files_of_messages += static_cast<std::int64_t>(send.files.size());
    }
  }
  row("files uploaded", static_cast<std::int64_t>(histories.uploads.size()));
  row("files of accepted messages", files_of_messages);
  row("messages scheduled", static_cast<std::int64_t>(histories.scheduled.size()));
  row("changes of drafts", static_cast<std::int64_t>(histories.drafts.size()));
  row("typing, presence", static_cast<std::int64_t>(histories.activities.size()));
  row("ephemeral deliveries", static_cast<std::int64_t>(histories.ephemerals.size()));
  row("other changes of chats", static_cast<std::int64_t>(histories.changes.size()));
  row("subscribers", static_cast<std::int64_t>(histories.subscribers.size()));
  row("stream connections", connections);
  row("deliveries", deliveries);
  row("requests for foreign chats", static_cast<std::int64_t>(histories.foreign_reads.size()));
  for (const auto& [reason, count] : resets) row("Reset " + reason, count);
}

}  // namespace

void print_report(const Result& result) {
  fmt::print("seed {}\n", result.seed);
  for (const auto& [kind, count] : faults_by_kind(result)) row("fault " + kind, count);
  print_clients(result.histories);
  for (const auto& [status, count] : result.statuses) {
    row(status == 0 ? "no answer" : fmt::format("answer {}", status), count);
  }
  row("unexpected exits of servers", result.unexpected_exits);
  row("longest time to drained", fmt::format("{} ms", result.longest_to_drained.count()));
  for (const auto& violation : result.violations) {
    fmt::print("VIOLATED: {}\n  {}\n", violation.invariant, violation.detail);
  }
  fmt::print("{}\n", result.violations.empty() ? "no violation" : "violations found");
}

}  // namespace fechatter::chaos
