#include "notify_server/typing/typing_channel.hpp"

#include <spdlog/spdlog.h>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

void apply(const Event& event, TypingBoard& board) {
  constexpr std::int64_t first_version = 1;  // of a message: it has just been sent
  if (event.ends_chat) return board.drop_chat(event.chat_id);
  if (event.actor.value != 0 && event.version == first_version) {
    board.end(event.chat_id, event.actor);
  }
  for (const auto user : event.removed) board.end(event.chat_id, user);
}

}  // namespace

TypingChannel::TypingChannel(nats::Settings nats, Handlers handlers)
    : handlers_{std::move(handlers)},
      channel_{std::move(nats),
               event::activity_subject,
               {.on_message = [this](std::string_view text) { receive(text); },
                .on_turn = [this] { run_turn(); }}} {}

void TypingChannel::receive(std::string_view text) {
  const auto message = event::parse_activity(text);
  if (!message) return spdlog::warn("malformed message on {} ignored", event::activity_subject);
  handlers_.on_activity(*message);
  if (!message->typing) return;
  const auto& typing = *message->typing;
  const std::lock_guard lock{mutex_};
  board_.report({message->workspace_id, typing.chat_id, message->user_id, typing.user_name,
                 typing.is_typing, typing.expires_at});
  in_use_ = board_.size() > 0;
}

void TypingChannel::on_delivered(const std::vector<StreamUpdate>& updates) {
  if (!in_use_) return;
  const std::lock_guard lock{mutex_};
  for (const auto& update : updates) {
    if (update.kind == StreamUpdate::Kind::event) apply(*update.event, board_);
  }
}

void TypingChannel::run_turn() {
  if (!in_use_) return;
  std::vector<EventPtr> events;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& typing : board_.take_due()) events.push_back(make_typing_event(typing));
    in_use_ = board_.size() > 0;
  }
  if (!events.empty()) handlers_.on_events(events);
}

EventPtr make_typing_event(const Typing& typing) {
  auto event = std::make_shared<Event>();
  event->workspace_id = typing.workspace_id;
  event->chat_id = typing.chat_id;
  event->audience = event::AudienceKind::chat;
  event->ephemeral = true;
  event->subject = typing.user_id;
  event->frame = typing_frame(typing.chat_id, typing.user_id, typing.user_name, typing.is_typing,
                              typing.expires_at);
  return event;
}

}  // namespace fechatter::notify
