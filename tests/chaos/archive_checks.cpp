#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "tests/chaos/archived_periods.hpp"
#include "tests/chaos/expected_audience.hpp"
#include "tests/chaos/findings.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* still = "an archived chat does not change";
constexpr const char* kept = "a chat is archived and restored as was asked, and not else";
constexpr const char* refused = "a chat refuses a member's message only while it is archived";

// A new membership is in effect once its transaction has ended, which is later than its event's
// moment; so is a restoring whose answer was lost.
constexpr Micros settled_after = 10'000'000;

// A transaction that writes one of these holds the chat's lock, as archiving and restoring do:
// their ids have the order of the changes.
bool is_write(const std::string& type) {
  static const std::set<std::string> types{"NewMessage",      "MessageUpdated", "ReactionAdded",
                                           "ReactionRemoved", "MessagePinned",  "MessageUnpinned"};
  return types.contains(type);
}

bool sets_archive(const Change& change) {
  return change.kind == Change::Kind::archive || change.kind == Change::Kind::restore;
}

const char* event_of(const Change& change) {
  return change.kind == Change::Kind::archive ? chat_archived : chat_restored;
}

// The answer to one request to write into a chat.
struct Write {
  const char* name;
  std::int64_t person;
  std::int64_t chat;
  Outcome outcome;
  const std::string& refusal;
  Micros invoked;
  Micros completed;
};

// Short-lived.
class ArchiveChecks {
 public:
  ArchiveChecks(const Histories& histories, const FinalState& final_state)
      : histories_{histories}, final_{final_state}, audience_{final_state}, periods_{final_state} {}

  std::vector<Violation> run() {
    check_events();
    for (const auto& change : histories_.changes) {
      if (sets_archive(change) && change.outcome == Outcome::ok) check_change(change);
    }
    for (const auto& send : histories_.sends) {
      check_write({"message", send.person, send.chat, send.outcome, send.refusal, send.invoked,
                   send.completed});
    }
    for (const auto& activity : histories_.activities) {
      if (activity.kind != Activity::Kind::typing) continue;
      const auto outcome = activity.status == 204 ? Outcome::ok : Outcome::unknown;
      check_write({"typing", activity.person, activity.chat, outcome, activity.refusal,
                   activity.invoked, activity.completed});
    }
    for (const auto& scheduled : histories_.scheduled) {
      check_write({"scheduled message", scheduled.person, scheduled.chat, scheduled.outcome,
                   scheduled.refusal, scheduled.invoked, scheduled.completed});
    }
    return findings_.take();
  }

 private:
  void check_events() {
    std::set<std::int64_t> archived;
    for (const auto& event : final_.events) {
      if (event.type == chat_archived || event.type == chat_restored) {
        const bool changed = event.type == chat_archived ? archived.insert(event.chat).second
                                                         : archived.erase(event.chat) > 0;
        if (!changed)
          findings_.add(kept, "event {} of chat {} changes nothing", event.id, event.chat);
        check_was_asked(event);
      } else if (archived.contains(event.chat) && is_write(event.type)) {
        findings_.add(still, "event {} ({}) of chat {}, which is archived", event.id, event.type,
                      event.chat);
      }
    }
    const std::set<std::int64_t> by_rest{final_.archived.begin(), final_.archived.end()};
    if (by_rest != archived) {
      findings_.add(kept, "chats archived by REST: {}, by their events: {}", by_rest.size(),
                    archived.size());
    }
  }

  // Each request makes one such event at most. Of those that may have made this one it is that
  // which cannot make many later ones.
  void check_was_asked(const StoredEvent& event) {
    constexpr auto forever = std::numeric_limits<Micros>::max();
    const Change* asked = nullptr;
    Micros earliest = forever;
    for (const auto& change : histories_.changes) {
      if (!sets_archive(change) || event_of(change) != event.type || change.chat != event.chat ||
          change.outcome == Outcome::fail || used_.contains(&change)) {
        continue;
      }
      const auto until = change.outcome == Outcome::ok ? change.completed : forever;
      if (change.invoked > event.created || until < event.created) continue;
      if (asked && until >= earliest) continue;
      asked = &change;
      earliest = until;
    }
    if (asked) {
      used_.insert(asked);
    } else {
      findings_.add(kept, "event {} ({}) of chat {} was not asked for", event.id, event.type,
                    event.chat);
    }
  }

  // The chat was as asked at a moment between the request and its answer.
  void check_change(const Change& change) {
    const auto& periods = periods_.of(change.chat);
    const Period* overlapping = nullptr;
    int count = 0;
    bool throughout = false;
    for (const auto& period : periods) {
      if (!period.overlaps(change.invoked, change.completed)) continue;
      ++count;
      overlapping = &period;
      throughout = period.from_at < change.invoked && period.until_at > change.completed;
    }
    const bool archives = change.kind == Change::Kind::archive;
    if (archives ? count == 0 : throughout) {
      findings_.add(kept, "chat {} has no {} for the request answered {}", change.chat,
                    event_of(change), change.status);
    }
    // From the answer on it is certain that the chat is archived, and that all see it.
    if (archives && count == 1) {
      certain_[change.chat].emplace_back(change.completed, overlapping->until_at);
    }
  }

  void check_write(const Write& write) {
    if (write.outcome == Outcome::ok && is_certain(write)) {
      findings_.add(still, "a {} of person {} was accepted by chat {}, which is archived",
                    write.name, write.person, write.chat);
    }
    const bool archived =
        periods_.overlap(write.chat, write.invoked, write.completed) || is_being_restored(write);
    if (write.refusal == "chat.archived" ? archived : !is_refused_member(write)) return;
    findings_.add(refused, "a {} of person {} was refused by chat {}: {}", write.name, write.person,
                  write.chat, write.refusal);
  }

  // The event of the restoring has the moment at which it was written: until the transaction ends,
  // the chat is archived for others.
  bool is_being_restored(const Write& write) const {
    return std::any_of(
        histories_.changes.begin(), histories_.changes.end(), [&write](const Change& change) {
          if (change.kind != Change::Kind::restore || change.chat != write.chat) return false;
          if (change.outcome == Outcome::fail) return false;
          const auto late = change.outcome == Outcome::ok ? 0 : settled_after;
          return change.invoked <= write.completed && write.invoked <= change.completed + late;
        });
  }

  bool is_certain(const Write& write) const {
    const auto found = certain_.find(write.chat);
    return found != certain_.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&write](const auto& time) {
             return time.first <= write.invoked && write.completed <= time.second;
           });
  }

  // Other codes than those of chats are no refusals of the chat.
  bool is_refused_member(const Write& write) const {
    if (!write.refusal.starts_with("chat.")) return false;
    const auto& all = audience_.memberships(write.person, write.chat);
    return std::any_of(all.begin(), all.end(), [&write](const Membership& period) {
      return period.from_at + settled_after <= write.invoked && period.until_at >= write.completed;
    });
  }

  const Histories& histories_;
  const FinalState& final_;
  const ExpectedAudience audience_;
  const ArchivedPeriods periods_;
  std::set<const Change*> used_;
  std::map<std::int64_t, std::vector<std::pair<Micros, Micros>>> certain_;  // by chat
  Findings findings_;
};

}  // namespace

std::vector<Violation> check_archives(const Histories& histories, const FinalState& final_state) {
  return ArchiveChecks{histories, final_state}.run();
}

}  // namespace fechatter::chaos
