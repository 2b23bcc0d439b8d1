#include "fechatter_server/thread/threads.hpp"

#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {
namespace {

// `field` names the reply.
void require_done(ThreadOutcome outcome, const char* field) {
  switch (outcome) {
    case ThreadOutcome::done: return;
    case ThreadOutcome::not_found: throw no_such_chat();
    case ThreadOutcome::no_such_message:
      throw Error{ErrorCode::message_not_found, "There is no such message in this chat."};
    case ThreadOutcome::no_such_reply: throw invalid_field(field, "is not in this thread");
  }
}

}  // namespace

awaitable<Thread> Threads::get(Caller caller, ChatId chat, MessageId message, ThreadPage page) {
  auto found = co_await repository_.find(caller, chat, message, page);
  require_done(found.outcome, page.range == ThreadPage::Range::after ? "after" : "before");
  co_return std::move(found.thread);
}

awaitable<> Threads::follow(Caller caller, ChatId chat, MessageId message, bool following) {
  const auto outcome = co_await repository_.follow(caller, chat, message, following);
  require_done(outcome, "message_id");
}

awaitable<ThreadRead> Threads::read(Caller caller, ChatId chat, MessageId message,
                                    ThreadReadMove move) {
  const char* field = move.seq ? "seq" : "message_id";
  const auto read = co_await repository_.read(caller, chat, message, move);
  require_done(read.outcome, field);
  co_return read.read;
}

awaitable<FollowedThreads> Threads::list(Caller caller, std::optional<ThreadCursor> after,
                                         std::size_t limit) {
  auto list = co_await repository_.list(caller, after, limit);
  co_return list;
}

}  // namespace fechatter::server
