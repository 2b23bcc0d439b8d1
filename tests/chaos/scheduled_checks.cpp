#include <algorithm>
#include <map>
#include <set>

#include "tests/chaos/archived_periods.hpp"
#include "tests/chaos/findings.hpp"
#include "tests/chaos/promises.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* once = "a scheduled message is sent once";
constexpr const char* cancelled = "a cancelled message is never sent";
constexpr const char* latest = "a scheduled message is sent as it was last changed, at its time";

// What a scheduled message can have become. A revision of unknown outcome may have taken effect at
// any time, or not at all.
struct Expected {
  explicit Expected(const Scheduled& scheduled)
      : contents{scheduled.content}, earliest{scheduled.send_at} {
    for (const auto& revision : scheduled.revisions) {
      if (revision.outcome != Outcome::ok) continue;
      is_cancelled = is_cancelled || revision.cancels;
      if (!revision.cancels) contents = {revision.content};
      if (revision.send_at > 0) earliest = revision.send_at;
    }
    for (const auto& revision : scheduled.revisions) {
      if (revision.outcome == Outcome::fail) continue;
      may_move = may_move || revision.send_at > 0;
      if (revision.outcome == Outcome::ok) continue;
      may_be_cancelled = may_be_cancelled || revision.cancels;
      if (!revision.cancels) contents.insert(revision.content);
      if (revision.send_at > 0) earliest = std::min(earliest, revision.send_at);
    }
  }

  std::set<std::string> contents;
  Micros earliest;
  bool is_cancelled = false;
  bool may_be_cancelled = false;
  bool may_move = false;  // one that has failed waits again when its time is changed
};

// Short-lived.
class ScheduledChecks {
 public:
  ScheduledChecks(const Histories& histories, const FinalState& final_state)
      : histories_{histories}, final_{final_state}, archived_{final_state} {
    for (const auto& scheduled : histories_.scheduled) {
      by_content_[scheduled.content] = &scheduled;
      for (const auto& revision : scheduled.revisions) {
        if (!revision.cancels) by_content_[revision.content] = &scheduled;
      }
    }
    for (const auto& stored : final_.scheduled) waiting_[stored.id] = &stored;
    for (const auto& event : final_.events) {
      if (event.type == "NewMessage") created_[event.message] = event.created;
      if (event.type == own_failure) failures_[event.message].push_back(&event);
    }
  }

  std::vector<Violation> run() {
    for (const auto& message : final_.messages) {
      if (is_scheduled_key(message.key)) assign(message);
    }
    for (const auto& scheduled : histories_.scheduled) check(scheduled);
    return findings_.take();
  }

 private:
  void assign(const StoredMessage& message) {
    const auto found = by_content_.find(message.content);
    const auto* scheduled = found == by_content_.end() ? nullptr : found->second;
    if (!scheduled || scheduled->person != message.sender || scheduled->chat != message.chat ||
        (scheduled->id > 0 && scheduled->key != message.key)) {
      findings_.add(promise::only_sent, "scheduled message {} (key {})", message.id, message.key);
      return;
    }
    messages_[scheduled].push_back(&message);
  }

  void check(const Scheduled& scheduled) {
    const auto& messages = messages_[&scheduled];
    const auto name = fmt::format("scheduled message {} ({})", scheduled.id, scheduled.content);
    if (messages.size() > 1) findings_.add(once, "{} was sent {} times", name, messages.size());
    if (scheduled.outcome == Outcome::fail && !messages.empty()) {
      findings_.add(promise::only_sent, "{} was refused, and sent as message {}", name,
                    messages[0]->id);
    }
    if (scheduled.outcome != Outcome::ok) return;
    const Expected expected{scheduled};
    const auto row = waiting_.find(scheduled.id);
    const auto* stored = row == waiting_.end() ? nullptr : row->second;
    if (expected.is_cancelled) {
      if (!messages.empty()) {
        findings_.add(cancelled, "{} was sent as message {}", name, messages[0]->id);
      }
      if (stored) findings_.add(cancelled, "{} still waits, or has failed", name);
    } else if (!messages.empty()) {
      check_sent(name, scheduled, expected, *messages[0]);
      if (stored) findings_.add(once, "{} was sent, and waits or has failed", name);
    } else if (stored || !expected.may_be_cancelled) {
      check_unsent(name, scheduled, stored);
    }
  }

  void check_sent(const std::string& name, const Scheduled& scheduled, const Expected& expected,
                  const StoredMessage& message) {
    if (!expected.contents.contains(message.content)) {
      findings_.add(latest, "{} was sent as \"{}\"", name, message.content);
    }
    const auto created = created_.find(message.id);
    if (created != created_.end() && created->second < expected.earliest) {
      findings_.add(latest, "{} was sent {} us early", name, expected.earliest - created->second);
    }
    if (failures_.contains(scheduled.id) && !expected.may_move) {
      findings_.add(once, "{} was sent, and its user was told that it failed", name);
    }
  }

  // Its user stays a member, so that an archived chat is the only obstacle.
  void check_unsent(const std::string& name, const Scheduled& scheduled,
                    const StoredScheduled* stored) {
    if (!stored) return findings_.add(once, "{} was not sent, and is gone", name);
    if (stored->failure.empty()) return findings_.add(once, "{} still waits", name);
    const auto failure = failures_.find(scheduled.id);
    if (failure == failures_.end()) {
      return findings_.add(promise::has_event, "{} has failed without an event", name);
    }
    const auto at = failure->second.back()->created;
    const bool archived = archived_.overlap(scheduled.chat, scheduled.invoked, at);
    if (stored->failure != "chat.archived" || !archived) {
      findings_.add(once, "{} has failed: {}", name, stored->failure);
    }
  }

  const Histories& histories_;
  const FinalState& final_;
  const ArchivedPeriods archived_;
  std::map<std::string, const Scheduled*> by_content_;
  std::map<std::int64_t, const StoredScheduled*> waiting_;
  std::map<std::int64_t, Micros> created_;  // messages, by their events
  std::map<std::int64_t, std::vector<const StoredEvent*>> failures_;
  std::map<const Scheduled*, std::vector<const StoredMessage*>> messages_;
  Findings findings_;
};

}  // namespace

std::vector<Violation> check_scheduled(const Histories& histories, const FinalState& final_state) {
  return ScheduledChecks{histories, final_state}.run();
}

}  // namespace fechatter::chaos
