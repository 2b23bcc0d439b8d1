#include "fechatter_server/message/message_handlers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/http/structured_field.hpp"
#include "fechatter_core/text/url.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/event_position.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/message/message_mentions.hpp"
#include "fechatter_server/message/messages.hpp"
#include "fechatter_server/page_budget.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

// The UUID in lower case; nullopt when the text is no UUID in the usual spelling.
std::optional<std::string> canonical_uuid(std::string text) {
  constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= 'A' && text[i] <= 'F') text[i] = static_cast<char>(text[i] - 'A' + 'a');
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (shape[i] == '-' ? text[i] != '-' : !hex) return std::nullopt;
  }
  return text;
}

// The keys of scheduled messages (scheduled_key in migrations/functions/values.sql): a client's own
// message with one would be taken for an earlier try to send the scheduled one.
constexpr std::string_view reserved_keys = "5c4ed01e-";

// The header wins over the body's field, which must be valid all the same.
void read_idempotency_key(const Request& request, http::JsonFields& fields, MessageDraft& draft) {
  bool reserved = false;
  const auto read = [&](std::string key) {
    draft.idempotency_key = canonical_uuid(std::move(key));
    const bool is_uuid = draft.idempotency_key.has_value();
    if (is_uuid && draft.idempotency_key->starts_with(reserved_keys)) reserved = true;
    return is_uuid;
  };
  bool valid = true;
  if (auto key = fields.find_text("idempotency_key", {0, 64})) valid = read(std::move(*key));
  if (const auto* header = request.find_header("idempotency-key")) {
    valid = read(http::item_text(*header).value_or("")) && valid;
  }
  if (!valid) fields.reject("idempotency_key", "must be a UUID");
  if (reserved) fields.reject("idempotency_key", "is reserved for scheduled messages");
}

}  // namespace

MessageDraft read_draft(const Request& request, http::JsonFields& fields) {
  MessageDraft draft;
  draft.content = fields.find_text("content", {0, content_length_max}).value_or("");
  draft.files = fields.texts("files", files_max, {1, file_url_length_max});
  for (std::size_t i = 0; i < draft.files.size(); ++i) {
    if (is_loadable(draft.files[i])) continue;
    fields.reject(fmt::format("files[{}]", i),
                  "must be an https URL, or an absolute path of this origin");
  }
  draft.mentions = fields.ids<UserId>("mentions", mentions_max);
  draft.mention_ranges = read_mention_ranges(fields);
  draft.confirm_everyone = fields.flag("confirm_everyone", false);
  draft.reply_to = fields.find_id<MessageId>("reply_to");
  draft.also_to_chat = fields.flag("also_to_chat", true);
  read_idempotency_key(request, fields, draft);
  return draft;
}

namespace {

MessageEdit read_edit(const Request& request) {
  http::JsonFields fields{request.json_body()};
  MessageEdit edit;
  edit.content = fields.text("content", {0, content_length_max});
  if (fields.has("mentions")) edit.mentions = fields.ids<UserId>("mentions", mentions_max);
  edit.mention_ranges = read_mention_ranges(fields);
  edit.confirm_everyone = fields.flag("confirm_everyone", false);
  fields.check();
  return edit;
}

constexpr const char* after_names[] = {"after"};
constexpr const char* around_names[] = {"around"};
constexpr const char* around_seq_names[] = {"around_seq"};

// `name` and its older names, as far as they are sent, have one value.
void check_names(const Request& request, const char* name, std::span<const char* const> names) {
  const auto value = request.find_query(name);
  for (const auto* other : names) {
    const auto sent = request.find_query(other);
    if (sent && sent != value) throw invalid_field(other, "differs from " + std::string{name});
  }
}

// At most one anchor may be given.
MessagePage read_message_page(const Request& request) {
  using Range = MessagePage::Range;
  constexpr auto number_max = std::numeric_limits<std::int64_t>::max();
  MessagePage page;
  page.limit = request.page_limit(50, 100);
  const auto read = [&](Range range, std::span<const char* const> names) {
    const auto is_sent = [&](const char* name) { return request.find_query(name).has_value(); };
    const auto name = std::find_if(names.begin(), names.end(), is_sent);
    if (name == names.end()) return;
    check_names(request, *name, names);
    if (page.range != Range::newest) {
      throw invalid_field(*name, "before, after, around and around_seq exclude each other");
    }
    page.range = range;
    const auto number = request.query_number(*name, 0, 1, number_max);
    if (range == Range::around_seq) {
      page.anchor_seq = number;
    } else {
      page.anchor = MessageId{number};
    }
  };
  read(Range::before, before_names);
  read(Range::after, after_names);
  read(Range::around, around_names);
  read(Range::around_seq, around_seq_names);
  return page;
}

// `list` outlives the call.
awaitable<Response> answer_page(const MessageList& list, App& app) {
  auto respond = [&list] {
    return http::json_text_response(200, json_text(list.messages, list.bytes));
  };
  auto response = co_await app.answers().make(list.bytes, std::move(respond));
  if (list.next) response.with_header(next_cursor_header, std::to_string(list.next->value));
  response.with_header(event_position_header, list.position);
  co_return response;
}

}  // namespace

awaitable<Response> send_message(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  auto draft = read_draft(request, fields);
  fields.check();
  app.write_rates().charge(request.user(), Write::other);
  const auto sent = co_await app.messages().send(request.user().caller(), chat, std::move(draft),
                                                 request.span.context);
  auto response = http::json_text_response(sent.replayed ? 200 : 201, json_text(sent.message));
  if (sent.replayed) response.with_header("Idempotency-Replayed", "true");
  app.activity().note_active(request.user());
  co_return response;
}

awaitable<Response> get_message(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto id = request.id_of<MessageId>("message_id");
  const auto message = co_await app.messages().get(request.user().caller(), chat, id);
  co_return http::json_text_response(200, json_text(message));
}

awaitable<Response> list_messages(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto page = read_message_page(request);
  const auto list = co_await app.messages().list(request.user().caller(), chat, page);
  co_return co_await answer_page(list, app);
}

awaitable<Response> list_message_context(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  MessagePage page;
  page.range = MessagePage::Range::around;
  page.anchor = request.id_of<MessageId>("message_id");
  page.limit = request.page_limit(50, 100);
  // A message that is named by the path and is not there is a 404, not a wrong parameter.
  co_await app.messages().get(request.user().caller(), chat, page.anchor);
  const auto list = co_await app.messages().list(request.user().caller(), chat, page);
  co_return co_await answer_page(list, app);
}

awaitable<Response> edit_message(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto id = request.id_of<MessageId>("message_id");
  auto edit = read_edit(request);
  app.write_rates().charge(request.user(), Write::other);
  const auto message =
      co_await app.messages().edit(request.user().caller(), chat, id, std::move(edit));
  co_return http::json_text_response(200, json_text(message));
}

awaitable<Response> delete_message(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto id = request.id_of<MessageId>("message_id");
  app.write_rates().charge(request.user(), Write::other);
  co_await app.messages().remove(request.user().caller(), chat, id);
  co_return http::no_content();
}

}  // namespace fechatter::server
