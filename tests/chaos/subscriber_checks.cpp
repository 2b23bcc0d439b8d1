#include <algorithm>
#include <limits>
#include <map>
#include <unordered_set>

#include "tests/chaos/expected_audience.hpp"
#include "tests/chaos/findings.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* events_lost = "events_lost";  // the only reason for a Reset on a live stream
// At most: an instance that has just started reads all of a new epoch first, which took 20 s on a
// machine with 19 threads that wanted to run.
constexpr Micros republish_time = 60'000'000;
// Before a power cut: the marks are on the disk 0.6 s after their commit (PostgreSQL's
// wal_writer_delay of 0.2 s, three times), and an event waits for a batch before.
constexpr Micros marked_within = 2'000'000;
constexpr const char* ordered = "subscribers get each chat in order and no event twice";
constexpr const char* whole = "subscribers miss no event except across a Reset";
constexpr const char* true_to = "subscribers get events as they were stored";
constexpr const char* hidden = "no frame or answer contains bytes of a foreign chat";
constexpr const char* unforced = "no Reset without a loss of the stream";
constexpr const char* framed = "a stream is replay, one CaughtUp, live events; a Reset comes first";

struct Sighting {
  const StoredEvent* event;
  std::size_t at;  // index in the subscriber's log
  int connection;
};

// The CaughtUp of a connection without a cursor, or a Reset: from here on the subscriber must get
// every event.
struct Anchor {
  std::size_t at;
  Micros moment;
  int connection;
  Position position;
};

// Of a connection with a cursor until its CaughtUp, or its end; indexes in the subscriber's log.
struct Replay {
  std::size_t began;
  std::size_t ended;
};

// The losses of the stream: their moments, and whether a stored message was damaged (flip).
struct Losses {
  explicit Losses(const std::vector<Fault>& faults) {
    for (const auto& fault : faults) {
      if (fault.kind != "store" && fault.kind != "flip") continue;
      first = std::min(first, fault.began);
      all.push_back(fault.began);
      if (fault.target == unsynced_stream) unsynced.push_back(fault.began);
      damage = damage || fault.kind == "flip";
    }
  }

  // While a new epoch republishes lost events, their delivery does not advance the position.
  bool republishes_at(Micros at) const {
    return std::any_of(all.begin(), all.end(),
                       [at](Micros loss) { return at > loss && at < loss + republish_time; });
  }

  // What is not promised: the event was delivered, and its mark was lost together with the stream;
  // it comes again behind the Reset.
  bool may_repeat(const StoredEvent& event, Micros last_reset) const {
    return std::any_of(unsynced.begin(), unsynced.end(), [&event, last_reset](Micros cut) {
      return event.created < cut && event.created > cut - marked_within && last_reset > cut;
    });
  }

  Micros first = std::numeric_limits<Micros>::max();
  std::vector<Micros> all;
  std::vector<Micros> unsynced;  // those by a power cut
  bool damage = false;
};

// Checks the log of one subscriber. Short-lived.
class SubscriberChecks {
 public:
  SubscriberChecks(const SubscriberLog& log, const ExpectedAudience& audience, const Losses& losses,
                   Findings& findings)
      : log_{log},
        audience_{audience},
        losses_{losses},
        findings_{findings},
        name_{fmt::format("subscriber {} (person {})", log_.subscriber, log_.person)} {}

  void run() {
    for (std::size_t i = 0; i < log_.entries.size(); ++i) take(i);
    for (const auto chat : audience_.chats_of(log_.person)) check_whole(chat);
    check_own_whole();
  }

 private:
  void take(std::size_t at) {
    const auto& entry = log_.entries[at];
    switch (entry.kind) {
      case StreamEntry::Kind::connected:
        ++connection_;
        last_position_ = connected_with_ = entry.position;
        had_event_ = caught_up_ = was_reset_ = false;
        fresh_ = !entry.has_cursor;
        if (!fresh_) replays_.push_back({at, log_.entries.size()});
        return;
      case StreamEntry::Kind::event: return take_event(at);
      case StreamEntry::Kind::caught_up:
        if (caught_up_) findings_.add(framed, "{}: two CaughtUp, at entry {}", name_, at);
        caught_up_ = true;
        if (fresh_) {
          anchors_.push_back({at, entry.at, connection_, entry.position});
        } else {
          end_replay(at);
        }
        return;
      case StreamEntry::Kind::reset:
        if (entry.text != events_lost && (had_event_ || caught_up_ || was_reset_)) {
          findings_.add(framed, "{}: a Reset after events or CaughtUp, at entry {}", name_, at);
        }
        was_reset_ = true;
        last_reset_ = entry.at;
        check_reset(entry);
        anchors_.push_back({at, entry.at, connection_, entry.position});
        return;
      case StreamEntry::Kind::ended:
        if (!fresh_ && !caught_up_) end_replay(at);
        return;
    }
  }

  void end_replay(std::size_t at) {
    if (!replays_.empty()) replays_.back().ended = at;
  }

  // Without a loss, the stream holds every event that a subscriber can miss within a run. A loss
  // raises the epoch, and a cursor within its republished events is not resumable.
  void check_reset(const StreamEntry& entry) {
    const bool mid_republish = connected_with_.epoch > 1 && connected_with_.stream_seq == 0;
    const bool forced =
        entry.at > losses_.first && (losses_.damage || losses_.republishes_at(entry.at) ||
                                     mid_republish || entry.position.epoch > connected_with_.epoch);
    if (forced) return;
    findings_.add(unforced, "{}: {} at {}-{}, connected with {}-{}", name_, entry.text,
                  entry.position.epoch, entry.position.stream_seq, connected_with_.epoch,
                  connected_with_.stream_seq);
  }

  void take_event(std::size_t at) {
    const auto& entry = log_.entries[at];
    had_event_ = true;
    const bool republished = entry.position == last_position_ && losses_.republishes_at(entry.at);
    if (entry.position <= last_position_ && !republished) {
      findings_.add(ordered, "{}: entry {} has position {}-{}, not above the one before", name_, at,
                    entry.position.epoch, entry.position.stream_seq);
    }
    last_position_ = entry.position;
    const auto* event = audience_.find(entry.event_id);
    if (!event) return findings_.add(true_to, "{}: event {} is unknown", name_, entry.event_id);
    check_truth(*event, entry);
    check_hidden(*event, entry);
    auto& chat = chats_[entry.chat];
    if (!ids_.insert(event->id).second) {
      if (losses_.may_repeat(*event, last_reset_)) return;
      findings_.add(ordered, "{}: event {} of chat {} twice, at entry {}, connection {}", name_,
                    event->id, entry.chat, at, connection_);
      return;
    }
    if (is_own(event->type)) return;
    if (!chat.empty() && chat.back().event->id > event->id) {
      findings_.add(ordered, "{}: event {} of chat {} after {}, at entry {}", name_, event->id,
                    entry.chat, chat.back().event->id, at);
      return;
    }
    chat.push_back({event, at, connection_});
  }

  void check_truth(const StoredEvent& event, const StreamEntry& entry) {
    const bool same =
        event.type == entry.text && event.chat == entry.chat && event.seq == entry.seq &&
        event.message == entry.message &&
        (event.erased || std::hash<std::string>{}(event.content) == entry.content_hash);
    if (!same) findings_.add(true_to, "{}: event {} is not as it was stored", name_, event.id);
  }

  void check_hidden(const StoredEvent& event, const StreamEntry& entry) {
    if (!audience_.may_see(log_.person, event, entry.at)) {
      findings_.add(hidden, "{}: event {} ({}) of chat {}, connection {}", name_, event.id,
                    event.type, event.chat, connection_);
    }
    for (const auto canary : entry.canaries) {
      if (canary != event.chat) {
        findings_.add(hidden, "{}: event {} of chat {} has bytes of chat {}", name_, event.id,
                      event.chat, canary);
      }
    }
  }

  // Between two anchors, the received events have no gaps and start no later than the first event
  // after the first anchor; after the last anchor, no event may be missing up to the end.
  void check_whole(std::int64_t chat) {
    const auto& sightings = chats_[chat];
    for (std::size_t k = 0; k < anchors_.size(); ++k) {
      const bool last = k + 1 == anchors_.size();
      const auto end = last ? log_.entries.size() : anchors_[k + 1].at;
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
    int connection = anchor.connection;  // of the event received before …
    auto before = anchor.at;             // … and its index in the log
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
      if (lost_entitlement(*event, before) || may_be_covered(*event, anchor)) continue;
      const auto until = next == span.end() ? log_.entries.size() : next->at;
      const bool may_lack = event->erased || has_replay({before, until});
      if (may_lack && is_superseded(*event, last)) continue;
      findings_.add(whole, "{}: event {} ({}, seq {}) of chat {} is missing after connection {}",
                    name_, event->id, event->type, event->seq, chat, connection);
    }
  }

  // A damaged stream stores events at sequences that the relay does not expect, and so never marks.
  // A Reset behind them covers them, and the next epoch's copies count as delivered.
  bool may_be_covered(const StoredEvent& event, const Anchor& anchor) const {
    return losses_.damage && event.created <= anchor.moment &&
           event.position.epoch > anchor.position.epoch;
  }

  // Events for the own sessions have no order: the last anchor alone says which are due.
  void check_own_whole() {
    if (anchors_.empty()) return;
    for (const auto* event : audience_.own_events_of(log_.person)) {
      if (event->created <= anchors_.back().moment || ids_.contains(event->id)) continue;
      findings_.add(whole, "{}: event {} ({}) of chat {} is missing", name_, event->id, event->type,
                    event->chat);
    }
  }

  // A replay leaves out an event that shows a message when a later event shows another version, and
  // that one is delivered; before a Reset it may be among what the subscriber misses.
  bool is_superseded(const StoredEvent& event, bool last) const {
    if (event.seq == 0) return false;
    const auto& events = audience_.events_of(event.chat);
    return std::any_of(events.begin(), events.end(), [&](const StoredEvent* later) {
      return later->seq == event.seq && later->id > event.id && (!last || ids_.contains(later->id));
    });
  }

  // On a connection that has caught up, every event is delivered, superseded or not, but for those
  // whose content was erased: perhaps before they were published, or before they were read.
  bool has_replay(const Replay& gap) const {
    return std::any_of(replays_.begin(), replays_.end(), [&gap](const Replay& replay) {
      return replay.began < gap.ended && replay.ended > gap.began;
    });
  }

  // The membership at the moment of delivery decides, which may be later than the event. The event
  // would have been delivered before the next received event with both a higher id and a later
  // position; ids of different chats do not follow the order of the stream.
  bool lost_entitlement(const StoredEvent& event, std::size_t last_received) const {
    if (ExpectedAudience::names(event, log_.person)) return false;
    const auto* membership = audience_.membership_at(log_.person, event);
    if (!membership || !membership->over()) return false;
    for (auto at = last_received + 1; at < log_.entries.size(); ++at) {
      const auto& entry = log_.entries[at];
      if (entry.event_id <= event.id || entry.position < event.position) continue;
      return membership->until_at <= entry.at;
    }
    return true;
  }

  const SubscriberLog& log_;
  const ExpectedAudience& audience_;
  const Losses& losses_;
  Findings& findings_;
  const std::string name_;
  std::map<std::int64_t, std::vector<Sighting>> chats_;
  std::unordered_set<std::int64_t> ids_;
  std::vector<Anchor> anchors_;
  std::vector<Replay> replays_;
  Position connected_with_;
  Position last_position_;
  Micros last_reset_ = 0;
  int connection_ = 0;
  bool fresh_ = false;
  bool had_event_ = false;
  bool caught_up_ = false;
  bool was_reset_ = false;
};

}  // namespace

std::vector<Violation> check_subscribers(const Histories& histories,
                                         const FinalState& final_state) {
  Findings findings;
  const ExpectedAudience audience{final_state};
  const Losses losses{histories.faults};
  for (const auto& log : histories.subscribers) {
    SubscriberChecks{log, audience, losses, findings}.run();
  }
  for (const auto& read : histories.foreign_reads) {
    if (read.status == 200 || !read.canaries.empty()) {
      findings.add(hidden, "person {} requested chat {} and got {}", read.person, read.chat,
                   read.status);
    }
  }
  for (const auto& why : histories.broken) findings.add(framed, "a client stopped: {}", why);
  return findings.take();
}

}  // namespace fechatter::chaos
