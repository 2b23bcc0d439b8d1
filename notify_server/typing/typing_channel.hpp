#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "fechatter_core/event/activity_message.hpp"
#include "fechatter_core/nats/realtime_channel.hpp"
#include "notify_server/log/stream_update.hpp"
#include "notify_server/typing/typing_board.hpp"

namespace fechatter::notify {

// Receives what clients say at fechatter_server: passes each message on as an activity, and makes
// the events of typing, five times a second. Any thread.
class TypingChannel {
 public:
  struct Handlers {  // on the channel's thread
    std::function<void(const event::ActivityMessage&)> on_activity;
    std::function<void(const std::vector<EventPtr>&)> on_events;
  };

  TypingChannel(nats::Settings nats, Handlers handlers);

  bool wait_until_connected(SteadyClock::time_point deadline) {
    return channel_.wait_until_connected(deadline);
  }
  // A Hub::OnDelivered: a message that was sent, a member that has left and a deleted chat end the
  // typing. Costs nothing while no user types.
  void on_delivered(const std::vector<StreamUpdate>& updates);

 private:
  void receive(std::string_view text);
  void run_turn();

  const Handlers handlers_;
  std::mutex mutex_;
  TypingBoard board_;
  std::atomic<bool> in_use_{false};  // the board is not empty
  nats::RealtimeChannel channel_;
};

// The event for the other members of the chat.
EventPtr make_typing_event(const Typing& typing);

}  // namespace fechatter::notify
