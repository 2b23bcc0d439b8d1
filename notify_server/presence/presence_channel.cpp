#include "notify_server/presence/presence_channel.hpp"

#include <spdlog/spdlog.h>

#include <thread>

#include "fechatter_core/event/envelope.hpp"
#include "notify_server/presence/instance_id.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t unread_max = 1000;
constexpr std::chrono::milliseconds poll_pause{10};

}  // namespace

PresenceChannel::PresenceChannel(nats::Settings nats, const PresenceSettings& settings,
                                 Handlers handlers)
    : handlers_{std::move(handlers)},
      presence_{random_instance_id(), settings},
      channel_{std::move(nats),
               event::presence_subject,
               {.on_connected =
                    [this] {
                      const std::lock_guard lock{mutex_};
                      presence_.on_connected();
                    },
                .on_message = [this](std::string_view text) { receive(text); },
                .on_turn = [this] { run_turn(); }}} {}

bool PresenceChannel::wait_until_informed(SteadyClock::time_point deadline) {
  if (!channel_.wait_until_connected(deadline)) return false;
  const auto informed = [this] {
    const std::lock_guard lock{mutex_};
    return presence_.informed();
  };
  while (!informed() && SteadyClock::now() < deadline) std::this_thread::sleep_for(poll_pause);
  return true;
}

void PresenceChannel::begin_reports() {
  const std::lock_guard lock{mutex_};
  presence_.begin_reports();
}

void PresenceChannel::set_stream(PresenceUser user, SessionId session, bool opened) {
  const std::lock_guard lock{mutex_};
  if (opened) {
    presence_.open(user, session);
  } else {
    presence_.close(user, session);
  }
}

bool PresenceChannel::note_activity(PresenceUser user, SessionId session,
                                    const std::string& platform) {
  const std::lock_guard lock{mutex_};
  return presence_.note_activity(user, session, platform);
}

void PresenceChannel::note_said(PresenceUser user, Said said) {
  const std::lock_guard lock{mutex_};
  presence_.note_said(user, said);
}

void PresenceChannel::read_again(const std::vector<UserId>& users) {
  const std::lock_guard lock{mutex_};
  presence_.read_again(users);
}

void PresenceChannel::repeat(const std::vector<PresenceChange>& changes) {
  const std::lock_guard lock{mutex_};
  for (const auto& change : changes) presence_.repeat(change);
}

std::vector<UserId> PresenceChannel::present_in(WorkspaceId workspace) const {
  const std::lock_guard lock{mutex_};
  return presence_.present_in(workspace);
}

UserState PresenceChannel::state_of(UserId user) const {
  const std::lock_guard lock{mutex_};
  return presence_.state_of(user);
}

void PresenceChannel::leave() {
  channel_.stop();
  channel_.publish(to_text(presence_.gone()));
}

void PresenceChannel::receive(std::string_view text) {
  const auto message = parse_presence(text);
  if (!message) return spdlog::warn("malformed message on {} ignored", event::presence_subject);
  {
    const std::lock_guard lock{mutex_};
    presence_.receive(*message);
  }
  if (message->kind == PresenceMessage::Kind::request) run_turn();  // the other one waits for it
}

void PresenceChannel::run_turn() {
  std::vector<PresenceMessage> outgoing;
  PresenceWork work;
  const bool connected = channel_.connected();
  const bool ready = handlers_.is_ready();
  {
    const std::lock_guard lock{mutex_};
    // While NATS is down, silence proves nothing.
    if (connected) presence_.evict_silent();
    outgoing = presence_.outgoing();
    if (ready) work = {presence_.take_changes(), presence_.take_unread(unread_max)};
  }
  for (const auto& message : outgoing) channel_.publish(to_text(message));
  if (!work.changes.empty() || !work.unread.empty()) handlers_.on_work(std::move(work));
}

}  // namespace fechatter::notify
