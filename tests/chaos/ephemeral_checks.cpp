#include <algorithm>

#include "tests/chaos/expected_audience.hpp"
#include "tests/chaos/findings.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* answered = "typing and presence have the answers that are due";
constexpr const char* members_only = "ephemeral events reach members only, and not their author";

// An ephemeral event is not in the order of the stream, so that an instance may deliver it before
// it has received the end of a membership: later than this after it, never.
constexpr Micros end_received_after = 30'000'000;

bool is_unknown(int status) {
  return status == 0 || status == 408 || status == 429 || status >= 500;
}

// Short-lived.
class EphemeralChecks {
 public:
  EphemeralChecks(const Histories& histories, const FinalState& final_state)
      : histories_{histories}, audience_{final_state} {}

  std::vector<Violation> run() {
    for (const auto& activity : histories_.activities) {
      if (is_unknown(activity.status) || is_due(activity)) continue;
      findings_.add(answered, "person {} chat {}: {} {}", activity.person, activity.chat,
                    activity.status, activity.refusal);
    }
    for (const auto& event : histories_.ephemerals) {
      if (!may_reach(event)) {
        findings_.add(members_only, "person {} got {} of person {} in chat {}", event.reader,
                      event.type, event.person, event.chat);
      }
      for (const auto canary : event.canaries) {
        if (canary == event.chat) continue;
        findings_.add(members_only, "a {} that person {} got has bytes of chat {}", event.type,
                      event.reader, canary);
      }
    }
    return findings_.take();
  }

 private:
  bool is_due(const Activity& activity) const {
    switch (activity.kind) {
      case Activity::Kind::presence: return activity.status == 204;
      case Activity::Kind::typing_outside: return activity.status == 404;
      case Activity::Kind::typing: break;
    }
    // Whether one of these was due at that moment is for check_archives.
    return activity.status == 204 || activity.refusal == "chat.archived";
  }

  bool may_reach(const Ephemeral& event) const {
    if (event.type == "UserPresence") return share_a_chat(event.reader, event.person);
    return event.reader != event.person && is_member(event.reader, event.chat, event.at) &&
           is_member(event.person, event.chat, event.at);
  }

  bool is_member(std::int64_t person, std::int64_t chat, Micros at) const {
    const auto& all = audience_.memberships(person, chat);
    return std::any_of(all.begin(), all.end(), [at](const Membership& period) {
      return period.overlaps(at - end_received_after, at);
    });
  }

  bool share_a_chat(std::int64_t one, std::int64_t other) const {
    const auto& chats = audience_.chats_of(one);
    return std::any_of(chats.begin(), chats.end(), [this, other](std::int64_t chat) {
      return !audience_.memberships(other, chat).empty();
    });
  }

  const Histories& histories_;
  const ExpectedAudience audience_;
  Findings findings_;
};

}  // namespace

std::vector<Violation> check_ephemerals(const Histories& histories, const FinalState& final_state) {
  return EphemeralChecks{histories, final_state}.run();
}

}  // namespace fechatter::chaos
