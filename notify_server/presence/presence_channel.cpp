#include "notify_server/presence/presence_channel.hpp"

#include <spdlog/spdlog.h>

#include <random>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::notify {
namespace {

std::uint64_t random_id() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

PresenceChannel::PresenceChannel(nats::Settings nats, const PresenceSettings& settings,
                                 OnChanges on_changes)
    : on_changes_{std::move(on_changes)},
      presence_{random_id(), settings},
      channel_{std::move(nats),
               event::presence_subject,
               {.on_connected =
                    [this] {
                      const std::lock_guard lock{mutex_};
                      presence_.on_connected();
                    },
                .on_message = [this](std::string_view text) { receive(text); },
                .on_turn = [this] { run_turn(); }}} {}

void PresenceChannel::set_status(PresenceUser user, PresenceStatus status) {
  const std::lock_guard lock{mutex_};
  if (status == PresenceStatus::offline) {
    presence_.remove_local(user);
  } else {
    presence_.add_local(user);
  }
}

std::vector<UserId> PresenceChannel::online_of(WorkspaceId workspace) const {
  const std::lock_guard lock{mutex_};
  return presence_.online_of(workspace);
}

void PresenceChannel::leave() {
  channel_.stop();
  channel_.publish(to_text(presence_.gone()));
}

void PresenceChannel::receive(std::string_view text) {
  const auto message = parse_presence(text);
  if (!message) return spdlog::warn("malformed message on {} ignored", event::presence_subject);
  const std::lock_guard lock{mutex_};
  presence_.receive(*message);
}

void PresenceChannel::run_turn() {
  std::vector<PresenceMessage> outgoing;
  std::vector<PresenceChange> changes;
  const bool connected = channel_.connected();
  {
    const std::lock_guard lock{mutex_};
    // While NATS is down, silence proves nothing.
    if (connected) presence_.evict_silent();
    outgoing = presence_.outgoing();
    changes = presence_.changes();
  }
  for (const auto& message : outgoing) channel_.publish(to_text(message));
  if (!changes.empty()) on_changes_(changes);
}

}  // namespace fechatter::notify
