#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "fechatter_core/service/message_service.hpp"
#include "fechatter_server/draft/scheduled_messages.hpp"

namespace fechatter::server {

struct ScheduledSenderSettings {
  std::chrono::milliseconds interval{1'000};  // a message is sent so much after its time at most
  // A claimed message that is not settled is sent again afterwards, by any server: longer than a
  // slice takes.
  std::chrono::seconds lease{60};
  int slice = 16;       // messages of one claim, 64 KiB each at most
  int tries_max = 100;  // then the message has failed, whatever is the matter
};

// Sends scheduled messages when their time has come, as if their sender sent them then, with their
// id as the idempotency key: once, however many servers try, and however often one dies. After a
// downtime it sends what is overdue, the earliest first. The chats of a slice do not wait for each
// other. What a dependency has ended is tried again after 2 s, then after twice as long, up to the
// lease. Each instance runs one.
class ScheduledSender {
 public:
  // Both outlive the sender.
  ScheduledSender(ScheduledMessages& scheduled, MessageService& messages,
                  const ScheduledSenderSettings& settings = {})
      : scheduled_{scheduled}, messages_{messages}, settings_{settings} {}

  // Never returns; ends with its executor. Spawn it detached, once.
  awaitable<> run();
  // One slice; failures are counted and logged. Returns whether there may be more. Not
  // concurrently.
  awaitable<bool> send_due();

  // Slices with a failure since the last one that sent without any, or since none has failed for
  // longer than a failed message waits. Any thread.
  int failures() const { return failures_; }

 private:
  using Clock = std::chrono::steady_clock;

  awaitable<> send_all(std::vector<DueMessage> due);
  awaitable<> send_in_order(std::vector<DueMessage> of_one_chat);
  awaitable<> send(DueMessage due);
  void note_failure(const std::exception& error);
  void end_slice(bool claimed, bool empty);

  ScheduledMessages& scheduled_;
  MessageService& messages_;
  const ScheduledSenderSettings settings_;
  std::optional<std::string> failure_;  // the last one of this slice
  Clock::time_point failed_at_;
  std::atomic<int> failures_ = 0;
};

}  // namespace fechatter::server
