#include "fechatter_server/message/annotation_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/text/emoji.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

// What a path names.
struct Target {
  Caller caller;
  ChatId chat;
  MessageId message;
};

Target target_of(const Request& request) {
  return {request.user().caller(), request.id_of<ChatId>("id"),
          request.id_of<MessageId>("message_id")};
}

std::string emoji_of(const Request& request) {
  return request.path_parameters.back().second;
}

KeyPage read_key_page(const Request& request) {
  constexpr auto number_max = std::numeric_limits<std::int64_t>::max();
  KeyPage page;
  page.limit = request.page_limit(50, 100);
  if (request.find_query("cursor")) page.before = request.query_number("cursor", 0, 1, number_max);
  return page;
}

void write_pin(JsonWriter& out, const AnnotatedMessage& item) {
  write_json(out, item.message);
}

void write_saved(JsonWriter& out, const AnnotatedMessage& item) {
  const auto object = out.object();
  write_fields(out, item.message);
  out.field("saved_at", item.at);
}

// `write` writes an item with a JsonWriter.
template <class Items, class Write>
awaitable<Response> list_response(App& app, const Items& items, std::size_t bytes,
                                  std::optional<std::int64_t> next, Write write) {
  auto respond = [&items, bytes, write] {
    JsonWriter out{bytes};
    {
      const auto list = out.array();
      for (const auto& item : items) write(out, item);
    }
    return http::json_text_response(200, out.take());
  };
  auto response = co_await app.answers().make(bytes, std::move(respond));
  if (next) response.with_header(next_cursor_header, std::to_string(*next));
  co_return response;
}

awaitable<Response> react(const Request& request, App& app, std::string emoji) {
  const auto [caller, chat, id] = target_of(request);
  app.write_rates().charge(request.user(), Write::other);
  const auto message = co_await app.annotations().react(caller, chat, id, std::move(emoji));
  co_return http::json_text_response(200, json_text(message));
}

}  // namespace

awaitable<Response> add_reaction(const Request& request, App& app) {
  return react(request, app, emoji_of(request));
}

awaitable<Response> add_reaction_of_body(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  auto emoji = fields.text("emoji", {1, emoji_bytes_max});
  fields.check();
  return react(request, app, std::move(emoji));
}

awaitable<Response> remove_reaction(const Request& request, App& app) {
  const auto [caller, chat, id] = target_of(request);
  app.write_rates().charge(request.user(), Write::other);
  auto emoji = emoji_of(request);
  const auto message = co_await app.annotations().unreact(caller, chat, id, std::move(emoji));
  co_return http::json_text_response(200, json_text(message));
}

awaitable<Response> pin_message(const Request& request, App& app) {
  const auto [caller, chat, id] = target_of(request);
  app.write_rates().charge(request.user(), Write::other);
  co_await app.annotations().pin(caller, chat, id);
  co_return http::no_content();
}

awaitable<Response> unpin_message(const Request& request, App& app) {
  const auto [caller, chat, id] = target_of(request);
  app.write_rates().charge(request.user(), Write::other);
  co_await app.annotations().unpin(caller, chat, id);
  co_return http::no_content();
}

awaitable<Response> list_pins(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto page = read_key_page(request);
  const auto list = co_await app.annotations().pins(request.user().caller(), chat, page);
  co_return co_await list_response(app, list.messages, list.bytes, list.next, write_pin);
}

awaitable<Response> save_message(const Request& request, App& app) {
  const auto id = request.id_of<MessageId>("message_id");
  app.write_rates().charge(request.user(), Write::other);
  co_await app.annotations().save(request.user().caller(), id);
  co_return http::no_content();
}

awaitable<Response> unsave_message(const Request& request, App& app) {
  const auto id = request.id_of<MessageId>("message_id");
  app.write_rates().charge(request.user(), Write::other);
  co_await app.annotations().unsave(request.user().caller(), id);
  co_return http::no_content();
}

awaitable<Response> list_saved_messages(const Request& request, App& app) {
  const auto page = read_key_page(request);
  const auto list = co_await app.annotations().saved(request.user().caller(), page);
  co_return co_await list_response(app, list.messages, list.bytes, list.next, write_saved);
}

awaitable<Response> list_message_edits(const Request& request, App& app) {
  const auto [caller, chat, id] = target_of(request);
  const auto page = read_key_page(request);
  const auto list = co_await app.messages().history(caller, chat, id, page);
  const auto write = [](JsonWriter& out, const FormerText& edit) { write_json(out, edit); };
  co_return co_await list_response(app, list.edits, list.bytes, list.next, write);
}

}  // namespace fechatter::server
