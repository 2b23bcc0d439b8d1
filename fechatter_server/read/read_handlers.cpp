#include "fechatter_server/read/read_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/json_values.hpp"
#include "fechatter_server/read/reads.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

// What marking as unread counts as: it looks at up to 10,000 messages.
constexpr std::size_t unread_rows = 10;

ReadTarget read_target(const Request& request) {
  constexpr auto seq_max = std::numeric_limits<std::int64_t>::max();
  http::JsonFields fields{request.json_body()};
  ReadTarget target;
  target.message = fields.find_id<MessageId>("message_id");
  target.seq = fields.find_number("seq", 0, seq_max);
  if (fields.has("message_id") && fields.has("seq")) {
    fields.reject("seq", "message_id and seq exclude each other");
  }
  if (!fields.has("message_id") && !fields.has("seq")) {
    fields.reject("message_id", "is required when there is no seq");
  }
  fields.check();
  return target;
}

json to_json(const ReadState& state) {
  return {{"chat_id", state.chat_id.value},
          {"last_read_seq", state.last_read_seq},
          {"unread_count", state.unread_count},
          {"mention_count", state.mention_count}};
}

}  // namespace

// These two take nothing from the rate of rows: reads are many, and few of them write an event.
awaitable<Response> read_chat(const Request& request, App& app) {
  const auto target = read_target(request);
  const auto chat = request.id_of<ChatId>("id");
  const auto state = co_await app.reads().read(request.user().caller(), chat, target);
  app.activity().note_active(request.user());
  co_return http::json_response(200, to_json(state));
}

awaitable<Response> read_message(const Request& request, App& app) {
  const auto message = request.id_of<MessageId>("message_id");
  const auto chat = request.id_of<ChatId>("id");
  const auto state = co_await app.reads().read_message(request.user().caller(), chat, message);
  app.activity().note_active(request.user());
  co_return http::json_response(200, to_json(state));
}

awaitable<Response> unread_chat(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  const auto message = fields.id<MessageId>("message_id");
  fields.check();
  app.write_rates().charge(request.user(), Write::other, unread_rows);
  const auto state = co_await app.reads().unread(request.user().caller(), chat, message);
  app.activity().note_active(request.user());
  co_return http::json_response(200, to_json(state));
}

awaitable<Response> list_unread_counts(const Request& request, App& app) {
  const auto states = co_await app.reads().list(request.user().caller());
  auto data = json::array();
  for (const auto& state : states) data.push_back(to_json(state));
  co_return http::json_response(200, {{"success", true}, {"data", std::move(data)}});
}

awaitable<Response> list_receipts(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto message = request.id_of<MessageId>("message_id");
  const auto receipts = co_await app.reads().receipts(request.user().caller(), chat, message);
  auto body = json::array();
  for (const auto& receipt : receipts) {
    body.push_back({{"user_id", receipt.user_id.value},
                    {"delivered_at", to_rfc3339(receipt.delivered_at)},
                    {"read_at", or_null(receipt.read_at)}});
  }
  co_return http::json_response(200, body);
}

}  // namespace fechatter::server
