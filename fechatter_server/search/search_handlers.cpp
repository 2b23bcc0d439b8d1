#include "fechatter_server/search/search_handlers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/chat/chat_json.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/page_cursor.hpp"
#include "fechatter_server/search/search_syntax.hpp"

namespace fechatter::server {
namespace {

using http::JsonFields;
using http::Request;
using http::Response;

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 100;
constexpr std::int64_t offset_max = search_total_max;
constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max();
constexpr http::Length short_text{1, 64};

// The query string in the form of the body of a POST, which may be sent without a body, too. The
// chat of a path goes before `chat_id`.
nlohmann::json body_of(const Request& request, bool has_chat) {
  if (!request.body.empty()) return request.json_body();
  auto body = nlohmann::json::object();
  for (const auto* name : {"q", "chat_type", "from", "to", "has", "sort", "cursor"}) {
    if (auto value = request.find_query(name)) body[name] = std::move(*value);
  }
  for (const std::string_view name : {"chat_id", "sender_id", "offset"}) {
    if (has_chat && name == "chat_id") continue;
    if (request.find_query(name)) body[name] = request.query_number(name, 0, 0, number_max);
  }
  body["limit"] = request.page_limit(limit_default, limit_max);
  return body;
}

std::optional<SearchCursor> parse_search_cursor(const std::string& text) {
  const auto cursor = parse_page_cursor(text);
  if (!cursor || cursor->first > offset_max || cursor->second == 0) return std::nullopt;
  return SearchCursor{cursor->first, MessageId{cursor->second}};
}

void read_span(JsonFields& fields, SearchRequest& search) {
  const auto read = [&](const char* name, bool end_of_day) -> std::optional<Timestamp> {
    const auto text = fields.find_text(name, short_text);
    if (!text) return std::nullopt;
    const auto moment = parse_moment(*text, end_of_day);
    if (!moment) fields.reject(name, "must be a day (2026-01-31) or a time (RFC 3339)");
    return moment;
  };
  if (const auto from = read("from", false)) require_from(search, *from);
  if (const auto to = read("to", true)) require_until(search, *to);
}

// The index of the field's value in `names`; nothing when the field is absent.
std::optional<std::size_t> read_choice(JsonFields& fields, const char* name,
                                       std::initializer_list<std::string_view> names) {
  const auto text = fields.find_text(name, short_text);
  if (!text) return std::nullopt;
  const auto* found = std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return found - names.begin();
  fields.reject(name, fmt::format("must be {}", fmt::join(names, " or ")));
  return std::nullopt;
}

SearchSort read_sort(JsonFields& fields) {
  const auto text = fields.find_text("sort", short_text);
  const auto name = current_sort_name(text ? std::string_view{*text} : "relevance");
  if (name == "newest") return SearchSort::newest;
  if (name == "oldest") return SearchSort::oldest;
  if (name != "relevance") fields.reject("sort", "must be relevance, newest or oldest");
  return SearchSort::relevance;
}

void read_search_page(const Request& request, JsonFields& fields, SearchRequest& search) {
  const auto limit = fields.find_limit("limit").value_or(limit_default);
  search.limit = request.cut_limit(limit, limit_max);
  search.start.offset = fields.find_number("offset", 0, offset_max).value_or(0);
  const auto text = fields.find_text("cursor", short_text);
  if (!text) return;
  if (const auto cursor = parse_search_cursor(*text)) {
    search.start = *cursor;
  } else {
    fields.reject("cursor", "is none that was given as next_cursor");
  }
}

void require_something(JsonFields& fields, const SearchRequest& search) {
  const bool narrowed = search.chat || search.sender || search.chat_type || search.from ||
                        search.until || search.has_file || search.has_link ||
                        !search.sender_names.empty() || !search.chat_names.empty();
  if (search.terms.empty() && !narrowed) fields.reject("q", "must say what to look for");
}

SearchRequest read_search(const Request& request, std::optional<ChatId> chat) {
  JsonFields fields{body_of(request, chat.has_value())};
  SearchRequest search;
  const auto query = fields.find_text("q", {0, search_query_length_max}).value_or("");
  search.chat = chat ? chat : fields.find_id<ChatId>("chat_id");
  search.sender = fields.find_id<UserId>("sender_id");
  if (const auto type = fields.find_text("chat_type", short_text)) {
    search.chat_type = find_chat_type(*type);
    if (!search.chat_type) fields.reject("chat_type", "is none");
  }
  const auto has = read_choice(fields, "has", {"file", "link"});
  search.has_file = has == 0;
  search.has_link = has == 1;
  search.sort = read_sort(fields);
  read_span(fields, search);
  read_search_page(request, fields, search);
  fields.check();
  read_query(query, now(), search);
  require_something(fields, search);
  fields.check();
  return search;
}

nlohmann::json to_json(const SearchHit& hit) {
  const auto& message = hit.message;
  return {{"id", message.id.value},
          {"chat_id", message.chat_id.value},
          {"chat_name", hit.chat_name},
          {"chat_type", api_name(hit.chat_type)},
          {"sender_id", message.sender.id.value},
          {"sender_name", message.sender.fullname},
          {"content", message.content},
          {"highlight", hit.highlight},
          {"files", message.files},
          {"created_at", to_rfc3339(message.created_at)},
          {"seq", message.seq},
          {"score", hit.score}};
}

nlohmann::json to_json(const SearchFacets& facets) {
  const auto counts = [](const auto& facet, const auto& name_of) {
    auto object = nlohmann::json::object();
    for (const auto& [key, count] : facet) object[name_of(key)] = count;
    return object;
  };
  const auto id = [](auto key) { return std::to_string(key.value); };
  return {{"chat_id", counts(facets.chat_id, id)},
          {"sender_id", counts(facets.sender_id, id)},
          {"chat_type", counts(facets.chat_type, [](ChatType type) { return api_name(type); })},
          {"month", counts(facets.month, [](const std::string& month) { return month; })}};
}

std::string to_text(const SearchCursor& cursor) {
  return to_text(PageCursor{cursor.offset, cursor.after->value});
}

nlohmann::json to_json(const SearchPage& page, std::int64_t limit) {
  auto hits = nlohmann::json::array();
  for (const auto& hit : page.hits) hits.push_back(to_json(hit));
  nlohmann::json cursor;
  const bool has_more = page.next.has_value();
  if (has_more) cursor = to_text(*page.next);
  return {{"hits", std::move(hits)},
          {"total", page.total},
          {"took_ms", page.took.count()},
          {"facets", to_json(page.facets)},
          {"next_cursor", std::move(cursor)},
          {"has_more", has_more},
          {"page", {{"offset", page.offset}, {"limit", limit}, {"has_more", has_more}}}};
}

awaitable<Response> answer(const Request& request, App& app, SearchRequest search) {
  const auto limit = search.limit;
  const auto page = co_await app.search().search(request.user().caller(), std::move(search));
  auto respond = [&page, limit] {
    return http::json_response(200, with_older_envelope(to_json(page, limit)));
  };
  auto response = co_await app.answers().make(page.bytes, std::move(respond));
  if (page.cut) response.with_header(next_cursor_header, to_text(*page.next));
  co_return response;
}

}  // namespace

awaitable<Response> search_messages(const Request& request, App& app) {
  auto search = read_search(request, std::nullopt);
  co_return co_await answer(request, app, std::move(search));
}

awaitable<Response> search_chat_messages(const Request& request, App& app) {
  const auto chat = request.id_of<ChatId>("id");
  auto search = read_search(request, chat);
  co_return co_await answer(request, app, std::move(search));
}

}  // namespace fechatter::server
