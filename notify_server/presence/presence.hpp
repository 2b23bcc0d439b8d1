#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fechatter_core/steady_clock.hpp"
#include "notify_server/presence/local_users.hpp"
#include "notify_server/presence/presence_message.hpp"
#include "notify_server/presence/presence_reports.hpp"

namespace fechatter::notify {

struct PresenceSettings {
  // Between two digests of an instance; one that is silent for 2.5 times that is considered gone.
  std::chrono::milliseconds digest{25'000};
  // A user without a stream is shown as before for so long.
  std::chrono::milliseconds grace{10'000};
  // A user without activity for so long is away.
  std::chrono::milliseconds away{300'000};
  // Between two changes of a user that clients see.
  std::chrono::milliseconds interval{5'000};
  // Of all users together, in a second; 0: clients see none.
  std::size_t changes_max = 500;
  std::size_t instances_max = 256;
  std::size_t remote_max = 1'000'000;  // users of other instances, once for each instance
};

// The users with a stream, on all instances: this one's at once, the others' from their messages.
// Of several instances, the most present status of a user counts. Every instance knows the same and
// publishes the changes to its own connections, so there is no leader. Bounded: beyond the limits,
// users of other instances are ignored. One thread, or a lock around it.
class Presence {
 public:
  using Time = SteadyClock::time_point;

  Presence(std::uint64_t self, const PresenceSettings& settings);

  // A stream of that session has opened on this instance, or one has closed.
  void open(PresenceUser user, SessionId session);
  void close(PresenceUser user, SessionId session);
  // As LocalUsers: false when the user has no stream here.
  bool note_activity(PresenceUser user, SessionId session, const std::string& platform);
  void note_said(PresenceUser user, Said said);
  // As LocalUsers: the words of users that are to be read.
  std::vector<UserId> take_unread(std::size_t max) { return local_.take_unread(max); }
  void read_again(const std::vector<UserId>& users) { local_.read_again(users); }

  // Messages of the other instances can be received again: their digests are requested, and the
  // silence of each counts from now on. Words may have been missed, and are read again.
  void on_connected();
  void receive(const PresenceMessage& message);
  // REQUIRES: messages can be received.
  void evict_silent();
  // The messages that are due now.
  std::vector<PresenceMessage> outgoing();
  // Whether the digests of the other instances have come, as far as can be known: there was time
  // to answer the first request, and each instance that was heard has sent one.
  bool informed() const;
  // The last message of this instance.
  PresenceMessage gone() const;

  // As clients see them. The users that are online or away, on any instance.
  std::vector<UserId> present_in(WorkspaceId workspace) const;
  // Offline when the user is on no instance, and the grace is over.
  UserState state_of(UserId user) const;
  // Clients may ask from now on. What the instance has learnt before is no change to them.
  void begin_reports() { reporting_ = true; }
  // As PresenceReports.
  std::vector<PresenceChange> take_changes();
  void repeat(const PresenceChange& change) { reports_.repeat(change); }

 private:
  struct Entry {
    WorkspaceId workspace_id;
    UserState state;
    std::uint64_t digest = 0;  // the last one that named the user
  };
  struct Instance {
    Time received_at;
    std::uint64_t digest = 0;                   // numbers its digests
    std::optional<std::size_t> next_part = {};  // nothing: a part is missing
    bool complete = false;                      // a digest has come with all its parts
    std::unordered_map<UserId, Entry> users = {};
  };
  struct Leaving {
    WorkspaceId workspace_id;
    UserState shown;
    Time since;
  };

  void refresh(PresenceUser user);
  // Whether a client could see the change.
  bool set(Instance& instance, PresenceUser user, const UserState& state);
  void set(Instance& instance, const PresenceMessage::Entry& entry);
  void remove(Instance& instance, UserId user, Time since);
  void evict(std::uint64_t other, Time since);
  // Of all instances.
  UserState merged(UserId user) const;
  void show(PresenceUser user, const UserState& state);
  void leave(PresenceUser user, const UserState& shown, Time since);
  void end_graces();
  void receive_digest(Instance& instance, const PresenceMessage& message);
  PresenceMessage::Entry entry_of(PresenceUser user) const;
  std::vector<PresenceMessage> digest() const;
  std::vector<PresenceMessage> delta();

  const std::uint64_t self_;
  const PresenceSettings settings_;

  LocalUsers local_{settings_.away};
  Instance here_;
  std::unordered_map<std::uint64_t, Instance> others_;
  std::size_t remote_ = 0;  // users of others_
  std::unordered_map<WorkspaceId, std::unordered_set<UserId>> present_;
  std::unordered_map<UserId, Leaving> leaving_;      // on no instance; the grace is not over
  std::set<std::pair<Time, UserId>> leaving_since_;  // the same users

  std::unordered_map<UserId, WorkspaceId> unsent_;
  bool request_due_ = false;
  std::optional<Time> requested_at_;  // at first
  Time digest_due_ = SteadyClock::now();
  bool answer_due_ = false;  // another instance has requested a digest
  Time answered_at_ = {};

  bool reporting_ = false;
  PresenceReports reports_{settings_.interval, settings_.changes_max};
};

}  // namespace fechatter::notify
