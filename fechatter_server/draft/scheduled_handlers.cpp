#include "fechatter_server/draft/scheduled_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/draft/draft_json.hpp"
#include "fechatter_server/message/message_handlers.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_mentions.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

std::optional<Timestamp> find_send_at(http::JsonFields& fields) {
  const auto text = fields.find_text("send_at", {1, 64});
  if (!text) return std::nullopt;
  const auto moment = parse_rfc3339(*text);
  if (!moment) fields.reject("send_at", "must be a time such as 2026-03-01T09:00:00Z");
  return moment;
}

// Those fields of the message that were sent. Ranges belong to the text that they came with.
nlohmann::json patch_of(const MessageDraft& draft, const http::JsonFields& fields) {
  auto all = to_json(draft);
  all["also_to_chat"] = draft.also_to_chat;
  all["confirm_everyone"] = draft.confirm_everyone;
  all["mention_ranges"] = json_tree(draft.mention_ranges);
  auto patch = nlohmann::json::object();
  for (const auto& [name, value] : all.items()) {
    if (fields.has(name) && name != "idempotency_key") patch[name] = value;
  }
  if (fields.has("content")) patch["mention_ranges"] = all["mention_ranges"];
  if (fields.is_sent("reply_to") && !fields.has("reply_to")) patch["reply_to"] = nullptr;
  return patch;
}

}  // namespace

awaitable<Response> schedule_message(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  auto message = read_draft(request, fields);
  const auto send_at = find_send_at(fields);
  if (!fields.has("send_at")) fields.reject("send_at", "is required");
  fields.check();
  app.write_rates().charge(request.user(), Write::other);
  const auto scheduled = co_await app.scheduled_messages().schedule(request.user().caller(), chat,
                                                                    std::move(message), *send_at);
  co_return http::json_response(201, to_json(scheduled));
}

awaitable<Response> list_scheduled(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = static_cast<std::size_t>(request.page_limit(50, 100));
  const ScheduledMessageId after{request.query_number("after_id", 0, 0, id_max)};
  const auto list = co_await app.scheduled_messages().list(request.user().caller(), after, limit);
  std::size_t bytes = 0;
  for (const auto& scheduled : list.messages) bytes += json_size(scheduled);
  auto respond = [&list] {
    auto body = nlohmann::json::array();
    for (const auto& scheduled : list.messages) body.push_back(to_json(scheduled));
    return http::json_response(200, body);
  };
  auto response = co_await app.answers().make(bytes, std::move(respond));
  if (list.next) response.with_header(next_cursor_header, std::to_string(list.next->value));
  co_return response;
}

awaitable<Response> change_scheduled(const Request& request, App& app) {
  const auto id = request.id_of<ScheduledMessageId>("id");
  http::JsonFields fields{request.json_body()};
  const auto draft = read_draft(request, fields);
  const auto send_at = find_send_at(fields);
  fields.check();
  mention_places(draft.content, draft.mention_ranges);  // throws for a range outside the text
  auto patch = patch_of(draft, fields);
  app.write_rates().charge(request.user(), Write::other);
  const auto scheduled = co_await app.scheduled_messages().change(request.user().caller(), id,
                                                                  std::move(patch), send_at);
  co_return http::json_response(200, to_json(scheduled));
}

awaitable<Response> cancel_scheduled(const Request& request, App& app) {
  const auto id = request.id_of<ScheduledMessageId>("id");
  app.write_rates().charge(request.user(), Write::other);
  co_await app.scheduled_messages().cancel(request.user().caller(), id);
  co_return http::no_content();
}

}  // namespace fechatter::server
