#include "fechatter_core/http/request.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/json_text.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/http/uri.hpp"

namespace fechatter::http {
namespace {

// A number beyond int64 that is more than any maximum.
bool is_beyond_numbers(std::string_view text) {
  constexpr std::size_t digits_of_a_number = std::numeric_limits<std::int64_t>::digits10;
  return text.size() > digits_of_a_number && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), is_digit);
}

// Of one spelling, as an `integer` of the API description has it: neither "007" nor "-0".
std::optional<std::int64_t> find_number(std::string_view text) {
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || last != end || std::to_string(number) != text) return std::nullopt;
  return number;
}

constexpr std::size_t ignored_max = 16;
constexpr std::size_t ignored_name_max = 64;

// Whether the sent name is that name, percent-decoded. Most names need no decoding.
bool is_spelling_of(std::string_view name, std::string_view sent) {
  if (sent.find_first_of("%+") == std::string_view::npos) return sent == name;
  return percent_decoded(sent, Plus::is_space) == name;
}

std::string query_text(std::string_view raw, std::string_view name) {
  const auto decoded = percent_decoded(raw, Plus::is_space);
  if (decoded) return *decoded;
  throw Error{ErrorCode::malformed_request,
              "the query parameter " + std::string{name} + " is not percent-encoded UTF-8 text"};
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    case Method::options: return "OPTIONS";
    case Method::other: break;
  }
  return "OTHER";
}

const std::string* Request::find_header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

std::vector<std::string> Request::cookies(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [header, pairs] : headers) {
    if (header != "cookie") continue;
    std::string_view rest = pairs;
    while (!rest.empty()) {
      auto pair = take_until(rest, ';');
      if (trimmed(take_until(pair, '=')) != name) continue;
      const auto value = trimmed(pair);
      const bool quoted = value.size() >= 2 && value.starts_with('"') && value.ends_with('"');
      values.emplace_back(quoted ? value.substr(1, value.size() - 2) : value);
    }
  }
  return values;
}

std::optional<std::string> Request::find_query(std::string_view name) const {
  std::string_view rest = query;
  if (rest.empty()) return std::nullopt;
  asked_.emplace_back(name);
  std::optional<std::string_view> found;
  while (!rest.empty()) {
    auto value = take_until(rest, '&');
    if (!is_spelling_of(name, take_until(value, '='))) continue;
    if (found) throw invalid_field(name, "is in the query twice");
    found = value;
  }
  if (!found) return std::nullopt;
  return query_text(*found, name);
}

std::string Request::ignored_parameters() const {
  const auto is_in = [](const auto& names, const auto& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<std::string_view> ignored;
  std::string_view rest = query;
  while (!rest.empty() && ignored.size() < ignored_max) {
    auto pair = take_until(rest, '&');
    const auto sent = take_until(pair, '=').substr(0, ignored_name_max);
    const auto name = percent_decoded(sent, Plus::is_space);
    const bool is_known = name && is_in(asked_, *name);
    if (!sent.empty() && !is_known && !is_in(ignored, sent)) ignored.push_back(sent);
  }
  std::string list;
  for (const auto name : ignored) {
    if (!list.empty()) list += ", ";
    for (const char c : name) list += c == ',' ? std::string_view{"%2C"} : std::string_view{&c, 1};
  }
  return list;
}

std::optional<std::string_view> Request::bearer_token() const {
  const auto* authorization = find_header("authorization");
  if (!authorization) return std::nullopt;
  std::string_view rest = *authorization;
  if (!equals_ignoring_case(take_until(rest, ' '), "bearer")) return std::nullopt;
  const auto token = trimmed(rest);
  if (token.empty() || token.find(' ') != std::string_view::npos) return std::nullopt;
  return token;
}

const auth::Identity& Request::user() const {
  return caller.value();
}

std::int64_t Request::query_number(std::string_view name, std::int64_t fallback, std::int64_t min,
                                   std::int64_t max) const {
  const auto text = find_query(name);
  if (!text) return fallback;
  const auto number = find_number(*text);
  if (number && *number >= min && *number <= max) return *number;
  throw invalid_field(
      name, "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
}

std::int64_t Request::page_limit(std::int64_t fallback, std::int64_t max) const {
  const auto text = find_query("limit");
  if (!text) return fallback;
  auto number = find_number(*text);
  if (!number && is_beyond_numbers(*text)) number = std::numeric_limits<std::int64_t>::max();
  if (!number || *number < 1) throw invalid_field("limit", "must be a whole number of at least 1");
  return cut_limit(*number, max);
}

std::int64_t Request::cut_limit(std::int64_t wanted, std::int64_t max) const {
  if (wanted <= max) return wanted;
  applied_limit_ = max;
  return max;
}

nlohmann::json Request::json_body(bool array_allowed) const {
  const auto* sent_as = find_header("content-type");
  std::string_view media_type = sent_as ? std::string_view{*sent_as} : std::string_view{};
  if (!equals_ignoring_case(trimmed(take_until(media_type, ';')), "application/json")) {
    throw Error{ErrorCode::unsupported_media_type, "Content-Type must be application/json"};
  }
  auto json = parse_json(body);
  if (json.is_object() || (array_allowed && json.is_array())) return json;
  throw invalid_field("body",
                      array_allowed ? "must be a JSON object or array" : "must be a JSON object");
}

void Request::require_plain_body() const {
  for (const auto& [name, value] : headers) {
    if (name != "content-encoding" || value.empty() || equals_ignoring_case(value, "identity")) {
      continue;
    }
    throw Error{ErrorCode::unsupported_content_coding,
                "the body must be sent without a Content-Encoding"};
  }
}

std::int64_t Request::path_id(std::string_view name) const {
  const auto found = std::find_if(path_parameters.begin(), path_parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  const auto number = found == path_parameters.end() ? std::nullopt : find_number(found->second);
  if (number && *number > 0) return *number;
  throw Error{ErrorCode::malformed_id, std::string{name} + " must be a positive whole number"};
}

}  // namespace fechatter::http
