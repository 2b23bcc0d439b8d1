#include <algorithm>
#include <limits>
#include <map>
#include <unordered_set>

#include "tests/chaos/audience.hpp"
#include "tests/chaos/findings.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* events_lost = "events_lost";  // the one Reset that comes on a live stream
constexpr Micros telling_again = 20'000'000;
constexpr const char* ordered = "listeners see each chat in its order, nothing twice";
constexpr const char* whole = "listeners see no hole but for a Reset";
constexpr const char* true_to = "listeners see what was sent, as it was sent";
constexpr const char* hidden = "nobody sees a byte of a chat that is not theirs";
constexpr const char* unforced = "no Reset unless the stream was lost";
constexpr const char* framed = "a stream is replay, one CaughtUp, live; Reset first if at all";

struct Sighting {
  const StoredEvent* event;
  std::size_t at;  // in the listener's log
  int connection;
};

// From here on the listener must be told everything: its beginning, or a Reset.
struct Anchor {
  std::size_t at;
  Micros moment;
  int connection;
};

// What NATS has lost: when it did for the first time, and whether in the midst of an epoch.
struct Losses {
  explicit Losses(const std::vector<Fault>& faults) {
    for (const auto& fault : faults) {
      if (fault.kind != "store" && fault.kind != "flip") continue;
      first = std::min(first, fault.began);
      all.push_back(fault.began);
      damage = damage || fault.kind == "flip";
    }
  }

  // Until a new epoch has told again what was lost, positions stay where they were before it.
  bool tells_again(Micros at) const {
    return std::any_of(all.begin(), all.end(),
                       [at](Micros loss) { return at > loss && at < loss + telling_again; });
  }

  Micros first = std::numeric_limits<Micros>::max();
  std::vector<Micros> all;
  bool damage = false;
};

// One listener. Short-lived.
class ListenerChecks {
 public:
  ListenerChecks(const Listening& listening, const Audience& audience, const Losses& losses,
                 Findings& findings)
      : log_{listening},
        audience_{audience},
        losses_{losses},
        findings_{findings},
        who_{fmt::format("listener {} (person {})", log_.listener, log_.person)} {}

  void run() {
    for (std::size_t i = 0; i < log_.seen.size(); ++i) take(i);
    for (const auto chat : audience_.chats_of(log_.person)) check_whole(chat);
  }

 private:
  void take(std::size_t at) {
    const auto& seen = log_.seen[at];
    switch (seen.kind) {
      case Seen::Kind::connected:
        ++connection_;
        last_position_ = connected_with_ = seen.position;
        told_ = caught_up_ = was_reset_ = false;
        fresh_ = !seen.has_cursor;
        return;
      case Seen::Kind::event: return take_event(at);
      case Seen::Kind::caught_up:
        if (caught_up_) findings_.add(framed, "{}: two CaughtUp, at entry {}", who_, at);
        caught_up_ = true;
        if (fresh_) anchors_.push_back({at, seen.at, connection_});
        return;
      case Seen::Kind::reset:
        if (seen.text != events_lost && (told_ || caught_up_ || was_reset_)) {
          findings_.add(framed, "{}: a Reset after events or CaughtUp, at entry {}", who_, at);
        }
        was_reset_ = true;
        check_reset(seen);
        anchors_.push_back({at, seen.at, connection_});
        return;
      case Seen::Kind::ended: return;
    }
  }

  // The stream holds more than a run can miss, unless it was lost, and that is a new epoch; nobody
  // can resume in the midst of what that tells again.
  void check_reset(const Seen& seen) {
    const bool in_retelling = connected_with_.epoch > 1 && connected_with_.stream_seq == 0;
    const bool forced =
        seen.at > losses_.first && (losses_.damage || losses_.tells_again(seen.at) ||
                                    in_retelling || seen.position.epoch > connected_with_.epoch);
    if (forced) return;
    findings_.add(unforced, "{}: {} at {}-{}, who came with {}-{}", who_, seen.text,
                  seen.position.epoch, seen.position.stream_seq, connected_with_.epoch,
                  connected_with_.stream_seq);
  }

  void take_event(std::size_t at) {
    const auto& seen = log_.seen[at];
    told_ = true;
    const bool stays = seen.position == last_position_ && losses_.tells_again(seen.at);
    if (seen.position <= last_position_ && !stays) {
      findings_.add(ordered, "{}: entry {} has position {}-{}, at or below the one before", who_,
                    at, seen.position.epoch, seen.position.stream_seq);
    }
    last_position_ = seen.position;
    const auto* event = audience_.find(seen.event_id);
    if (!event) return findings_.add(true_to, "{}: event {} is unknown", who_, seen.event_id);
    check_truth(*event, seen);
    check_hidden(*event, seen);
    auto& chat = chats_[seen.chat];
    if (!ids_.insert(event->id).second) {
      findings_.add(ordered, "{}: event {} of chat {} twice, at entry {}, connection {}", who_,
                    event->id, seen.chat, at, connection_);
      return;
    }
    if (!chat.empty() && chat.back().event->id > event->id) {
      findings_.add(ordered, "{}: event {} of chat {} after {}, at entry {}", who_, event->id,
                    seen.chat, chat.back().event->id, at);
      return;
    }
    chat.push_back({event, at, connection_});
  }

  void check_truth(const StoredEvent& event, const Seen& seen) {
    const bool same = event.type == seen.text && event.chat == seen.chat && event.seq == seen.seq &&
                      event.message == seen.message &&
                      std::hash<std::string>{}(event.content) == seen.content_hash;
    if (!same) findings_.add(true_to, "{}: event {} is not as it was stored", who_, event.id);
  }

  void check_hidden(const StoredEvent& event, const Seen& seen) {
    if (!audience_.may_see(log_.person, event, seen.at)) {
      findings_.add(hidden, "{}: event {} ({}) of chat {}, connection {}", who_, event.id,
                    event.type, event.chat, connection_);
    }
    for (const auto canary : seen.canaries) {
      if (canary != event.chat) {
        findings_.add(hidden, "{}: event {} of chat {} has bytes of chat {}", who_, event.id,
                      event.chat, canary);
      }
    }
  }

  // Between two anchors, what was told must be without holes, and begin before what happened after
  // the first of them; after the last one, nothing may be missing up to the end.
  void check_whole(std::int64_t chat) {
    const auto& sightings = chats_[chat];
    for (std::size_t k = 0; k < anchors_.size(); ++k) {
      const bool last = k + 1 == anchors_.size();
      const auto end = last ? log_.seen.size() : anchors_[k + 1].at;
      const auto before = [](const Sighting& sighting, std::size_t at) { return sighting.at < at; };
      const auto from =
          std::lower_bound(sightings.begin(), sightings.end(), anchors_[k].at, before);
      const auto to = std::lower_bound(from, sightings.end(), end, before);
      check_span(chat, anchors_[k], {from, to}, last);
    }
  }

  void check_span(std::int64_t chat, const Anchor& anchor, const std::vector<Sighting>& span,
                  bool last) {
    auto next = span.begin();
    int connection = anchor.connection;  // of what was seen before …
    auto before = anchor.at;             // … and where it stands in the log
    for (const auto* event : audience_.events_of(chat)) {
      if (next != span.end() && next->event == event) {
        connection = next->connection;
        before = next->at;
        ++next;
        continue;
      }
      const bool due = event->created > anchor.moment || next != span.begin();
      const bool in_reach = last || next != span.end();
      if (!due || !in_reach || !audience_.must_see(log_.person, *event)) continue;
      if (hidden_since(*event, before)) continue;
      findings_.add(whole, "{}: event {} ({}, seq {}) of chat {} is missing after connection {}",
                    who_, event->id, event->type, event->seq, chat, connection);
    }
  }

  // Membership counts as it is when an event is told, and that may be later than it happened. It
  // would have been told before whatever was told next that is newer and stands behind it in the
  // stream; between two chats, the order of the ids is not the stream's.
  bool hidden_since(const StoredEvent& event, std::size_t seen_before) const {
    if (Audience::names(event, log_.person)) return false;
    const auto* stay = audience_.stay_at(log_.person, event);
    if (!stay || !stay->over()) return false;
    for (auto at = seen_before + 1; at < log_.seen.size(); ++at) {
      const auto& seen = log_.seen[at];
      if (seen.event_id <= event.id || seen.position < event.position) continue;
      return stay->until_at <= seen.at;
    }
    return true;
  }

  const Listening& log_;
  const Audience& audience_;
  const Losses& losses_;
  Findings& findings_;
  const std::string who_;
  std::map<std::int64_t, std::vector<Sighting>> chats_;
  std::unordered_set<std::int64_t> ids_;
  std::vector<Anchor> anchors_;
  Position connected_with_;
  Position last_position_;
  int connection_ = 0;
  bool fresh_ = false;
  bool told_ = false;
  bool caught_up_ = false;
  bool was_reset_ = false;
};

}  // namespace

std::vector<Violation> check_listeners(const Histories& histories, const FinalState& final_state) {
  Findings findings;
  const Audience audience{final_state};
  const Losses losses{histories.faults};
  for (const auto& listening : histories.listeners) {
    ListenerChecks{listening, audience, losses, findings}.run();
  }
  for (const auto& peek : histories.peeks) {
    if (peek.status == 200 || !peek.canaries.empty()) {
      findings.add(hidden, "person {} asked for chat {} and got {}", peek.person, peek.chat,
                   peek.status);
    }
  }
  for (const auto& why : histories.broken) findings.add(framed, "a client gave up: {}", why);
  return findings.take();
}

std::vector<Violation> check(const Histories& histories, const FinalState& final_state) {
  auto all = check_messages(histories, final_state);
  for (auto* more : {check_changes, check_listeners}) {
    auto found = more(histories, final_state);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

}  // namespace fechatter::chaos
