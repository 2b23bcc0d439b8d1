#include "fechatter_server/mention/mention_handlers.hpp"

#include <limits>

#include "fechatter_server/app.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

MentionPage read_page(const Request& request) {
  MentionPage page;
  page.limit = request.page_limit(50, 100);
  if (request.find_query("before")) {
    page.before =
        MessageId{request.query_number("before", 0, 1, std::numeric_limits<std::int64_t>::max())};
  }
  if (const auto unread = request.find_query("unread")) {
    if (*unread != "true" && *unread != "false") {
      throw invalid_field("unread", "must be true or false");
    }
    page.unread = *unread == "true";
  }
  return page;
}

}  // namespace

static void write_json(JsonWriter& out, const Mention& mention) {
  const auto object = out.object();
  out.field("message", mention.message)
      .field("chat_id", mention.message.chat_id)
      .field("read", mention.read);
}

awaitable<Response> list_mentions(const Request& request, App& app) {
  const auto page = read_page(request);
  const auto list = co_await app.mentions().list(request.user().caller(), page);
  auto respond = [&list] {
    return http::json_text_response(200, json_text(list.mentions, list.bytes));
  };
  auto response = co_await app.answers().make(list.bytes, std::move(respond));
  if (list.next) response.with_header(next_cursor_header, std::to_string(list.next->value));
  co_return response;
}

}  // namespace fechatter::server
