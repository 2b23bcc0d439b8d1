#include "fechatter_server/chat/chat_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/chat/chat_members.hpp"
#include "fechatter_server/chat/chats.hpp"
#include "fechatter_server/chat/who_may.hpp"
#include "fechatter_server/event_position.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/page_cursor.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t search_bytes_max = 512;
constexpr std::int64_t channels_of_a_page_max = 100;
// Four bytes a character, and 200 members with ids of at most 12 digits.
static_assert(channels_of_a_page_max * (4 * (chat_name_length_max + chat_description_length_max +
                                             chat_topic_length_max) +
                                        200 * 13 + 650) <=
              page_bytes_max);

// Of a time in microseconds since 1970 and a chat id.
std::string to_text(const ChatCursor& cursor) {
  return to_text(PageCursor{to_unix_micros(cursor.active_at), cursor.chat.value});
}

std::optional<ChatCursor> parse_chat_cursor(std::string_view text) {
  constexpr std::int64_t micros_max = 253'402'300'799'999'999;  // the end of the year 9999
  const auto cursor = parse_page_cursor(text);
  if (!cursor || cursor->first > micros_max) return std::nullopt;
  return ChatCursor{from_unix_micros(cursor->first), ChatId{cursor->second}};
}

ChatPage read_chat_page(const Request& request) {
  ChatPage page;
  page.limit =
      static_cast<std::size_t>(request.page_limit(chats_of_a_page_max, chats_of_a_page_max));
  if (const auto text = request.find_query("cursor")) {
    page.after = parse_chat_cursor(*text);
    if (!page.after) throw invalid_field("cursor", "is none that was given in X-Next-Cursor");
  }
  return page;
}

// False when it is absent.
bool read_flag(const Request& request, const char* name) {
  const auto text = request.find_query(name).value_or("false");
  if (text != "true" && text != "false") throw invalid_field(name, "must be true or false");
  return text == "true";
}

std::optional<WhoMay> read_who_may(http::JsonFields& fields, const char* name) {
  const auto text = fields.find_text(name, {1, 32});
  if (!text) return std::nullopt;
  const auto who = find_who_may(*text);
  if (!who) fields.reject(name, "must be all or admins");
  return who;
}

ChatSettings read_settings(const Request& request) {
  http::JsonFields fields{request.json_body()};
  ChatSettings settings;
  settings.who_may_write = read_who_may(fields, "who_may_write");
  settings.who_may_pin = read_who_may(fields, "who_may_pin");
  if (fields.has("everyone_mentions")) {
    settings.everyone_mentions = fields.flag("everyone_mentions", true);
  }
  settings.topic = fields.find_text("topic", {0, chat_topic_length_max});
  fields.check();
  return settings;
}

awaitable<Response> set_archived(const Request& request, App& app, bool archived) {
  const auto id = request.id_of<ChatId>("id");
  app.write_rates().charge(request.user(), Write::other);
  const auto chat = co_await app.chats().archive(request.user().caller(), id, archived);
  co_return http::json_text_response(200, json_text(chat));
}

ChatDraft read_draft(const Request& request) {
  http::JsonFields fields{request.json_body()};
  accept_older_names(fields);
  ChatDraft draft;
  const auto type = find_chat_type(fields.text("chat_type", {1, 32}));
  if (type) {
    draft.type = *type;
  } else if (fields.has("chat_type")) {
    fields.reject("chat_type", "must be Single, Group, PrivateChannel or PublicChannel");
  }
  if (!fields.find_text("name", typed_length).value_or("").empty()) {
    draft.name = name_field(fields, "name", chat_name_length_max);
  }
  draft.description =
      fields.find_text("description", {0, chat_description_length_max}).value_or("");
  draft.members = fields.ids<UserId>("members", members_of_one_request_max);
  fields.check();
  return draft;
}

}  // namespace

awaitable<Response> create_chat(const Request& request, App& app) {
  auto draft = read_draft(request);
  app.write_rates().charge(request.user(), Write::chat, 2 + draft.members.size());
  const auto created = co_await app.chats().create(request.user().caller(), std::move(draft));
  co_return http::json_text_response(created.existed ? 200 : 201, json_text(created.chat));
}

awaitable<Response> list_chats(const Request& request, App& app) {
  const auto page = read_chat_page(request);
  const auto viewer = request.user().caller();
  const auto list = co_await app.chats().list(viewer, page, request.pace_of_work());
  auto respond = [&] {
    JsonWriter out{list.bytes};
    {
      const auto array = out.array();
      for (const auto& summary : list.summaries) write_json(out, summary, viewer.user);
    }
    return http::json_text_response(200, out.take());
  };
  auto response = co_await app.answers().make(list.bytes, std::move(respond));
  if (list.next) response.with_header(next_cursor_header, to_text(*list.next));
  response.with_header(event_position_header, list.position);
  co_return response;
}

awaitable<Response> get_chat(const Request& request, App& app) {
  const auto chat = co_await app.chats().get(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::json_text_response(200, json_text(chat));
}

awaitable<Response> list_public_channels(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.page_limit(50, channels_of_a_page_max);
  const ChatId after{request.query_number("after_id", 0, 0, id_max)};
  auto part = request.find_query("q").value_or("");
  if (part.size() > search_bytes_max) throw invalid_field("q", "is too long");
  const bool archived = read_flag(request, "archived");
  const auto channels = co_await app.chats().list_public(request.user().caller(), std::move(part),
                                                         after, limit, archived);
  std::size_t bytes = 0;
  for (const auto& channel : channels) bytes += json_size(channel.chat);
  auto respond = [&channels, bytes] {
    return http::json_text_response(200, json_text(channels, bytes));
  };
  co_return co_await app.answers().make(bytes, std::move(respond));
}

awaitable<Response> update_chat(const Request& request, App& app) {
  const auto id = request.id_of<ChatId>("id");
  http::JsonFields fields{request.json_body()};
  ChatPatch patch;
  patch.name = find_name_field(fields, "name", chat_name_length_max);
  patch.description = fields.find_text("description", {0, chat_description_length_max});
  fields.check();
  app.write_rates().charge(request.user(), Write::other);
  const auto chat = co_await app.chats().update(request.user().caller(), id, std::move(patch));
  co_return http::json_text_response(200, json_text(chat));
}

awaitable<Response> set_chat_settings(const Request& request, App& app) {
  const auto id = request.id_of<ChatId>("id");
  auto settings = read_settings(request);
  app.write_rates().charge(request.user(), Write::other);
  const auto chat = co_await app.chats().set(request.user().caller(), id, std::move(settings));
  co_return http::json_text_response(200, json_text(chat));
}

awaitable<Response> archive_chat(const Request& request, App& app) {
  return set_archived(request, app, true);
}

awaitable<Response> unarchive_chat(const Request& request, App& app) {
  return set_archived(request, app, false);
}

awaitable<Response> delete_chat(const Request& request, App& app) {
  app.write_rates().charge(request.user(), Write::other);
  co_await app.chats().remove(request.user().caller(), request.id_of<ChatId>("id"));
  co_return http::no_content();
}

awaitable<Response> restore_chat(const Request& request, App& app) {
  AuditedCaller by{request.user().caller(), request.id};
  const auto chat = co_await app.chats().restore(std::move(by), request.id_of<ChatId>("id"));
  co_return http::json_text_response(200, json_text(chat));
}

}  // namespace fechatter::server
