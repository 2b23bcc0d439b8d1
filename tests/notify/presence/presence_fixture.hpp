#pragma once

#include <gmock/gmock.h>

#include <optional>

#include "notify_server/presence/presence.hpp"

namespace fechatter::notify {
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Entry = PresenceMessage::Entry;
using Kind = PresenceMessage::Kind;

inline constexpr WorkspaceId acme{1};
inline constexpr WorkspaceId other_workspace{2};
inline constexpr PresenceUser alice{UserId{11}, acme};
inline constexpr PresenceUser bob{UserId{12}, acme};
inline constexpr PresenceUser mallory{UserId{13}, other_workspace};
inline constexpr SessionId laptop{5};
inline constexpr SessionId phone{6};
inline constexpr std::uint64_t there = 2;
inline constexpr std::uint64_t elsewhere = 3;

// The presence of instance 1, on a clock that the test advances; clients are served.
class PresenceTest : public testing::Test {
 public:
  PresenceTest() {
    SteadyClock::simulate(&now);
    start();
    presence->begin_reports();
  }
  ~PresenceTest() override { SteadyClock::simulate(nullptr); }
  PresenceTest(const PresenceTest&) = delete;
  PresenceTest& operator=(const PresenceTest&) = delete;

 protected:
  void pass(SteadyClock::duration time) { now += time; }
  // For users without a stream.
  void pass_grace() {
    pass(settings.grace);
    presence->outgoing();
  }
  // Another instance 1, which has just sent its request and serves no clients yet.
  void start() {
    presence.emplace(1, settings);
    presence->on_connected();
    presence->outgoing();
  }
  static std::vector<PresenceMessage::Entry> entries(const std::vector<PresenceUser>& users,
                                                     PresenceStatus status) {
    std::vector<PresenceMessage::Entry> entries;
    for (const auto& user : users) entries.push_back({user, status});
    return entries;
  }
  void delta(std::uint64_t instance, const std::vector<PresenceUser>& online,
             const std::vector<PresenceUser>& offline = {}) {
    auto users = entries(online, PresenceStatus::online);
    for (const auto& entry : entries(offline, PresenceStatus::offline)) users.push_back(entry);
    presence->receive({instance, Kind::delta, 0, 1, std::move(users)});
  }
  void digest(std::uint64_t instance, const std::vector<PresenceUser>& online, std::size_t part = 0,
              std::size_t parts = 1) {
    presence->receive(
        {instance, Kind::digest, part, parts, entries(online, PresenceStatus::online)});
  }
  std::vector<UserId> online(WorkspaceId workspace = acme) const {
    return presence->present_in(workspace);
  }
  PresenceStatus status_of(PresenceUser user) const {
    return presence->state_of(user.user_id).status;
  }
  // The changes a second later, as `11 online`.
  std::vector<std::string> changes() {
    pass(1s);
    std::vector<std::string> texts;
    for (const auto& change : presence->take_changes()) {
      texts.push_back(std::to_string(change.user.user_id.value) + " " +
                      std::string{to_text(change.state.status)} +
                      (change.state.platform.empty() ? "" : " " + change.state.platform));
    }
    return texts;
  }

  SteadyClock::time_point now = std::chrono::steady_clock::now();
  PresenceSettings settings{.digest = 30s,
                            .grace = 10s,
                            .away = 5min,
                            .interval = 5s,
                            .instances_max = 2,
                            .remote_max = 3};
  std::optional<Presence> presence;
};

}  // namespace fechatter::notify
