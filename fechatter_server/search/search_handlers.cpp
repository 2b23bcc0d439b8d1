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
static void write_json(JsonWriter& out, const SearchHit& hit) {
  const auto& message = hit.message;
  const auto object = out.object();
  out.field("id", message.id)
      .field("chat_id", message.chat_id)
      .field("chat_name", hit.chat_name)
      .field("chat_type", api_name(hit.chat_type))
      .field("sender_id", message.sender.id)
      .field("sender_name", message.sender.fullname)
      .field("content", message.content)
      .field("highlight", hit.highlight)
      .field("files", message.files)
      .field("created_at", message.created_at)
      .field("seq", message.seq)
      .field("score", hit.score);
}

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

std::string to_text(const SearchCursor& cursor) {
  return to_text(PageCursor{cursor.offset, cursor.after->value});
}

// `name_of` of a key is text.
template <class Facet, class NameOf>
void write_counts(JsonWriter& out, std::string_view facet_name, const Facet& facet,
                  const NameOf& name_of) {
  out.name(facet_name);
  const auto object = out.object();
  for (const auto& [key, count] : facet) out.field(name_of(key), count);
}

void write_facets(JsonWriter& out, const SearchFacets& facets) {
  const auto digits = [](auto key) { return std::to_string(key.value); };
  const auto object = out.object();
  write_counts(out, "chat_id", facets.chat_id, digits);
  write_counts(out, "sender_id", facets.sender_id, digits);
  write_counts(out, "chat_type", facets.chat_type, [](ChatType type) { return api_name(type); });
  write_counts(out, "month", facets.month, [](const std::string& month) { return month; });
}

std::string text_of(const SearchPage& page, std::int64_t limit) {
  const bool has_more = page.next.has_value();
  JsonWriter out{page.bytes};
  {
    const auto object = out.object();
    out.field("hits", page.hits).field("total", page.total).field("took_ms", page.took.count());
    out.name("facets");
    write_facets(out, page.facets);
    out.name("next_cursor");
    has_more ? out.value(to_text(*page.next)) : out.value(nullptr);
    out.field("has_more", has_more);
    out.name("page");
    const auto inner = out.object();
    out.field("offset", page.offset).field("limit", limit).field("has_more", has_more);
  }
  return out.take();
}

awaitable<Response> answer(const Request& request, App& app, SearchRequest search) {
  const auto limit = search.limit;
  const auto page = co_await app.search().search(request.user().caller(), std::move(search),
                                                 request.pace_of_work());
  auto respond = [&page, limit] {
    return http::json_text_response(200, in_older_envelope(text_of(page, limit)));
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
