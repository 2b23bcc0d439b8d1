#include "fechatter_server/read/reads.hpp"

#include "fechatter_core/error.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {
namespace {

Error no_such_message() {
  return Error{ErrorCode::message_not_found, "There is no such message in this chat."};
}

void require_done(ReadOutcome outcome) {
  switch (outcome) {
    case ReadOutcome::done: return;
    case ReadOutcome::not_found: throw no_such_chat();
    case ReadOutcome::no_such_message:
      throw invalid_field("message_id", "is no message of this chat");
    case ReadOutcome::beyond_end:
      throw invalid_field("seq", "is beyond the newest message of the chat");
  }
}

}  // namespace

awaitable<ReadState> Reads::read(Caller caller, ChatId chat, ReadTarget target) {
  const auto moved = co_await repository_.read(caller, chat, target);
  require_done(moved.outcome);
  co_return moved.state;
}

awaitable<ReadState> Reads::read_message(Caller caller, ChatId chat, MessageId message) {
  const ReadTarget target{message, {}};
  const auto moved = co_await repository_.read(caller, chat, target);
  if (moved.outcome == ReadOutcome::no_such_message) throw no_such_message();
  require_done(moved.outcome);
  co_return moved.state;
}

awaitable<ReadState> Reads::unread(Caller caller, ChatId chat, MessageId message) {
  const auto moved = co_await repository_.unread(caller, chat, message);
  require_done(moved.outcome);
  co_return moved.state;
}

awaitable<std::vector<ReadState>> Reads::list(Caller caller) {
  return repository_.list(caller);
}

awaitable<std::vector<Receipt>> Reads::receipts(Caller caller, ChatId chat, MessageId message) {
  auto found = co_await repository_.receipts(caller, chat, message);
  if (found.outcome == ReadOutcome::no_such_message) throw no_such_message();
  require_done(found.outcome);
  co_return std::move(found.receipts);
}

}  // namespace fechatter::server
