#include "fechatter_server/preference/preference_handlers.hpp"

#include <algorithm>
#include <array>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/json_values.hpp"

namespace fechatter::server {
namespace {

using http::JsonFields;
using http::Request;
using http::Response;
using nlohmann::json;

constexpr std::size_t custom_status_length_max = 100;
constexpr std::size_t time_length_max = 64;
constexpr std::int64_t micros_max = 253'402'300'799'999'999;  // the end of the year 9999

std::optional<bool> find_flag(JsonFields& fields, std::string_view name) {
  if (!fields.has(name)) return std::nullopt;
  return fields.flag(name, false);
}

// A field that is null removes what it names: `removed` then.
template <class T>
std::optional<T> or_removed(const JsonFields& fields, std::string_view name, std::optional<T> value,
                            T removed) {
  if (fields.is_sent(name) && !fields.has(name)) return removed;
  return value;
}

PreferencesPatch read_patch(const Request& request) {
  constexpr std::array<std::string_view, 3> choices{"all", "mentions", "none"};
  JsonFields fields{request.json_body()};
  PreferencesPatch patch;
  patch.notifications = fields.find_text("notifications", {1, 16});
  if (patch.notifications && std::ranges::find(choices, *patch.notifications) == choices.end()) {
    fields.reject("notifications", "must be all, mentions or none");
  }
  patch.show_read = find_flag(fields, "show_read");
  auto status = fields.find_text("custom_status", {0, custom_status_length_max});
  patch.custom_status = or_removed(fields, "custom_status", std::move(status), std::string{});
  fields.check();
  return patch;
}

ChatPreferencesPatch read_chat_patch(const Request& request) {
  JsonFields fields{request.json_body()};
  ChatPreferencesPatch patch;
  if (const auto text = fields.find_text("muted_until", {1, time_length_max})) {
    patch.muted_until = parse_rfc3339(*text);
    if (!patch.muted_until) fields.reject("muted_until", "must be a time as in RFC 3339, or null");
    if (patch.muted_until > from_unix_micros(micros_max)) {
      fields.reject("muted_until", "is after the year 9999");
    }
  }
  patch.muted_until = or_removed(fields, "muted_until", patch.muted_until, Timestamp{});
  patch.mute_mentions = find_flag(fields, "mute_mentions");
  patch.hidden = find_flag(fields, "hidden");
  fields.check();
  return patch;
}

json to_json(const Preferences& preferences) {
  return {{"notifications", preferences.notifications},
          {"show_read", preferences.show_read},
          {"custom_status", or_null(preferences.custom_status)}};
}

Response response_of(ChatId chat, const std::optional<ChatPreferences>& preferences) {
  if (!preferences) throw no_such_chat();
  return http::json_response(200, {{"chat_id", chat.value},
                                   {"muted_until", or_null(preferences->muted_until)},
                                   {"mute_mentions", preferences->mute_mentions},
                                   {"hidden", preferences->hidden}});
}

}  // namespace

awaitable<Response> get_preferences(const Request& request, App& app) {
  const auto preferences = co_await app.preferences().find(request.user().caller());
  co_return http::json_response(200, to_json(preferences));
}

awaitable<Response> set_preferences(const Request& request, App& app) {
  auto patch = read_patch(request);
  app.write_rates().charge(request.user(), Write::profile);
  const auto changed = co_await app.preferences().change(request.user().caller(), std::move(patch));
  co_return http::json_response(200, to_json(changed.preferences));
}

awaitable<Response> get_chat_preferences(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto found = co_await app.preferences().find_of_chat(request.user().caller(), chat);
  co_return response_of(chat, found);
}

awaitable<Response> set_chat_preferences(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  const auto patch = read_chat_patch(request);
  app.write_rates().charge(request.user(), Write::other);
  const auto changed =
      co_await app.preferences().change_of_chat(request.user().caller(), chat, patch);
  co_return response_of(chat, changed.preferences);
}

}  // namespace fechatter::server
