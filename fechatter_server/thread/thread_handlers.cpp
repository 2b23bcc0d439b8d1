#include "fechatter_server/thread/thread_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/page_cursor.hpp"
#include "fechatter_server/thread/threads.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

constexpr auto number_max = std::numeric_limits<std::int64_t>::max();

// At most one anchor may be given.
ThreadPage read_thread_page(const Request& request) {
  using Range = ThreadPage::Range;
  ThreadPage page;
  page.limit = request.page_limit(50, 100);
  const auto read = [&](Range range, const char* name) {
    if (!request.find_query(name)) return;
    if (page.range != Range::newest) {
      throw invalid_field(name, "before and after exclude each other");
    }
    page.range = range;
    page.anchor = MessageId{request.query_number(name, 0, 1, number_max)};
  };
  read(Range::before, "before");
  read(Range::after, "after");
  return page;
}

// Of a time in microseconds since 1970 and the id of a root.
std::optional<ThreadCursor> read_cursor(const Request& request) {
  constexpr std::int64_t micros_max = 253'402'300'799'999'999;  // the end of the year 9999
  const auto text = request.find_query("cursor");
  if (!text) return std::nullopt;
  const auto cursor = parse_page_cursor(*text);
  if (!cursor || cursor->first > micros_max) {
    throw invalid_field("cursor", "is none that was given in X-Next-Cursor");
  }
  return ThreadCursor{from_unix_micros(cursor->first), MessageId{cursor->second}};
}

}  // namespace

static void write_json(JsonWriter& out, const Thread& thread) {
  const auto object = out.object();
  out.field("root", thread.root).field("replies", thread.replies);
}

static void write_json(JsonWriter& out, const FollowedThread& thread) {
  const auto object = out.object();
  out.field("root", thread.root)
      .field("chat_id", thread.root.chat_id)
      .field("last_read_seq", thread.read.last_read_seq)
      .field("unread_count", thread.read.unread_count);
}

namespace {

awaitable<Response> set_follow(const Request& request, App& app, bool following) {
  const auto chat = request.id_of<ChatId>("id");
  const auto id = request.id_of<MessageId>("message_id");
  app.write_rates().charge(request.user(), Write::other);
  co_await app.threads().follow(request.user().caller(), chat, id, following);
  co_return http::no_content();
}

awaitable<Response> move_read(const Request& request, App& app, ThreadReadMove move) {
  const auto chat = request.id_of<ChatId>("id");
  const auto id = request.id_of<MessageId>("message_id");
  app.write_rates().charge(request.user(), Write::other);
  const auto read = co_await app.threads().read(request.user().caller(), chat, id, move);
  app.activity().note_active(request.user());
  co_return http::json_response(200, json{{"message_id", read.root.value},
                                          {"chat_id", chat.value},
                                          {"last_read_seq", read.last_read_seq},
                                          {"unread_count", read.unread_count}});
}

}  // namespace

awaitable<Response> get_thread(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto id = request.id_of<MessageId>("message_id");
  const auto page = read_thread_page(request);
  const auto thread = co_await app.threads().get(request.user().caller(), chat, id, page);
  auto respond = [&thread] {
    return http::json_text_response(200, json_text(thread, thread.bytes));
  };
  auto response = co_await app.answers().make(thread.bytes, std::move(respond));
  if (thread.next) response.with_header(next_cursor_header, std::to_string(thread.next->value));
  co_return response;
}

awaitable<Response> follow_thread(const Request& request, App& app) {
  auto response = co_await set_follow(request, app, true);
  co_return response;
}

awaitable<Response> unfollow_thread(const Request& request, App& app) {
  auto response = co_await set_follow(request, app, false);
  co_return response;
}

awaitable<Response> read_thread(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  ThreadReadMove move;
  move.message = fields.find_id<MessageId>("message_id");
  move.seq = fields.find_number("seq", 0, number_max);
  if (move.message && move.seq) fields.reject("seq", "excludes message_id");
  fields.check();
  auto response = co_await move_read(request, app, move);
  co_return response;
}

awaitable<Response> unread_thread(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  ThreadReadMove move;
  move.unread_from = fields.id<MessageId>("message_id");
  fields.check();
  auto response = co_await move_read(request, app, move);
  co_return response;
}

awaitable<Response> list_threads(const Request& request, App& app) {
  const auto limit = static_cast<std::size_t>(request.page_limit(50, 100));
  const auto after = read_cursor(request);
  const auto list = co_await app.threads().list(request.user().caller(), after, limit);
  auto respond = [&list] {
    return http::json_text_response(200, json_text(list.threads, list.bytes));
  };
  auto response = co_await app.answers().make(list.bytes, std::move(respond));
  if (list.next) {
    const PageCursor next{to_unix_micros(list.next->last_reply_at), list.next->root.value};
    response.with_header(next_cursor_header, to_text(next));
  }
  co_return response;
}

}  // namespace fechatter::server
