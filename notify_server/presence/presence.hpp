#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "fechatter_core/steady_clock.hpp"
#include "notify_server/presence/presence_message.hpp"

namespace fechatter::notify {

struct PresenceSettings {
  // Between two digests of an instance; one that is silent for 2.5 times that is considered gone.
  std::chrono::milliseconds digest{30'000};
  // A user who reconnects within this time was not offline.
  std::chrono::milliseconds grace{10'000};
  std::size_t instances_max = 256;
  std::size_t remote_max = 1'000'000;  // users of other instances, once for each instance
};

// A change that clients see.
struct PresenceChange {
  PresenceUser user;
  PresenceStatus status = PresenceStatus::offline;
  SteadyClock::time_point since;

  friend bool operator==(const PresenceChange&, const PresenceChange&) = default;
};

// The users with a stream, on all instances: this one's at once, the others' from their messages.
// Every instance knows the same and publishes the changes to its own connections, so there is no
// leader. Bounded: beyond the limits, users of other instances are ignored, and the oldest changes
// are dropped. One thread, or a lock around it.
class Presence {
 public:
  using Time = SteadyClock::time_point;

  Presence(std::uint64_t self, const PresenceSettings& settings);

  // The user's first stream on this instance has opened; the last one has closed.
  void add_local(PresenceUser user);
  void remove_local(PresenceUser user);

  // Messages of the other instances can be received again: their digests are requested, and the
  // silence of each counts from now on.
  void on_connected();
  void receive(const PresenceMessage& message);
  // REQUIRES: messages can be received.
  void evict_silent();
  // The messages that are due now.
  std::vector<PresenceMessage> outgoing();
  // The last message of this instance.
  PresenceMessage gone() const;

  // On any instance.
  std::vector<UserId> online_of(WorkspaceId workspace) const;
  // The changes since the last call; at most one batch a second. Users who are online when this
  // instance first receives the others' messages, and shortly after, are not reported.
  std::vector<PresenceChange> changes();

 private:
  struct Entry {
    WorkspaceId workspace_id;
    std::uint64_t digest = 0;  // the last one that named the user
  };
  struct Instance {
    Time received_at;
    std::uint64_t digest = 0;                   // numbers its digests
    std::optional<std::size_t> next_part = {};  // nothing: a part is missing
    std::unordered_map<UserId, Entry> users = {};
  };
  struct UnsentChange {
    WorkspaceId workspace_id;
    PresenceStatus status = PresenceStatus::offline;
  };
  struct PendingOffline {
    PresenceUser user;
    Time since;
  };

  void add(Instance& instance, PresenceUser user);
  void remove(Instance& instance, UserId user);
  void evict(std::uint64_t other);
  void receive_digest(Instance& instance, const PresenceMessage& message);
  std::vector<PresenceMessage> digest() const;
  std::vector<PresenceMessage> delta();
  void end_grace();
  void report(const PresenceChange& change);

  const std::uint64_t self_;
  const PresenceSettings settings_;
  const Time began_ = SteadyClock::now();

  Instance here_;
  std::unordered_map<std::uint64_t, Instance> others_;
  std::size_t remote_ = 0;  // users of others_
  // The number of instances with a stream of the user.
  std::unordered_map<WorkspaceId, std::unordered_map<UserId, std::size_t>> online_;

  std::unordered_map<UserId, UnsentChange> unsent_;
  bool request_due_ = false;
  Time digest_at_ = began_;  // the last
  Time digest_due_ = began_;

  bool connected_once_ = false;
  Time report_from_ = began_ + settings_.grace;
  std::unordered_map<UserId, Time> offline_since_;  // within the grace
  std::deque<PendingOffline> pending_offline_;      // in the order of time; some are online again
  std::deque<PresenceChange> changes_;
  Time changes_at_ = began_;
};

}  // namespace fechatter::notify
