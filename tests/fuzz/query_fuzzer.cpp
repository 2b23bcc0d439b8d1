#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/request_target.hpp"
#include "fechatter_core/http/structured_field.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/http/uri.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// Percent-decoding, UTF-8, and the single-line lists of a request: queries, cookies, bearer tokens.
namespace fechatter::fuzz {
namespace {

using http::percent_decoded;
using http::Plus;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789aBcDeF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte >> 4];
    encoded += digits[byte & 15];
  }
  return encoded;
}

// nlohmann's UTF-8 check is independent of the project's.
bool can_be_json(std::string_view text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

void check_utf8(std::string_view text) {
  const bool good = is_utf8(text);
  require(good == can_be_json(text), "is_utf8 and nlohmann agree");
  if (!good) return;
  // An escaped character beyond ASCII is one \uXXXX or two.
  std::size_t characters = 0;
  const auto dumped = nlohmann::json(text).dump(-1, ' ', true);
  for (std::size_t i = 1; i + 1 < dumped.size(); ++characters) {
    const auto escape = std::string_view{dumped}.substr(i, 4);
    const bool high = escape.starts_with("\\ud") && escape[3] >= '8' && escape[3] <= 'b';
    i += high ? 12 : escape.starts_with("\\u") ? 6 : escape.starts_with('\\') ? 2 : 1;
  }
  require(count_characters(text) == characters, "a character is counted once");
}

void check_percent_decoding(std::string_view text) {
  const auto plain = percent_decoded(text, Plus::is_plus);
  const auto spaced = percent_decoded(text, Plus::is_space);
  require(plain.has_value() == spaced.has_value(), "a plus sign decides over no refusal");
  if (plain) {
    require(is_utf8(*plain) && plain->find('\0') == plain->npos, "decoded text is text");
    require(plain->size() == spaced->size() && plain->size() <= text.size(), "nothing is added");
    require(percent_decoded(percent_encoded(*plain), Plus::is_space) == plain, "it comes back");
  }
  const bool storable = is_utf8(text) && text.find('\0') == text.npos;
  const auto again = percent_decoded(percent_encoded(text), Plus::is_plus);
  require(again.has_value() == storable, "only what can be stored is decoded");
  require(!storable || *again == text, "escapes give the bytes back");
}

void check_ignored(std::string_view list) {
  require(list.size() <= 16 * (3 * 64 + 2), "the list of ignored parameters is limited");
}

// No other exception than a refusal (Error) may be thrown.
void check_query(std::string_view text) {
  http::Request request;
  request.query = text;
  for (const auto* name : {"q", "limit", "a b", ""}) {
    try {
      const auto value = request.find_query(name);
      if (value) require(is_utf8(*value), "a query parameter is UTF-8");
      const auto number = request.query_number(name, 50, 1, 100);
      require(number >= 1 && number <= 100, "a number is within its bounds");
    } catch (const Error& error) {
      const auto status = error.info().status;
      require(status == 400 || status == 422, "a bad parameter is the client's fault");
    }
  }
  check_ignored(request.ignored_parameters());
  request.query = "limit=7&" + std::string{text};
  try {
    require(request.query_number("limit", 50, 1, 100) == 7, "a parameter has one value");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid_fields, "a second value is refused by its name");
  }
}

void check_target(std::string_view text) {
  const auto target = http::parse_target(text);
  if (!target) return;
  require(target->path.starts_with('/'), "a path begins with a slash");
  require(target->path.find('?') == target->path.npos, "a path has no query");
  require(http::may_be_authority(target->authority), "an authority is one");
  require(target->authority.empty() == text.starts_with('/'), "and only of an absolute form");
  require(text.ends_with(target->query), "a query is the end");
}

void check_structured_field(std::string_view text) {
  const auto item = http::item_text(text);
  if (!text.starts_with('"')) require(item == text, "an unquoted text is itself");
  if (!item) return;
  std::string quoted{"\""};
  for (const char c : *item) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  const bool visible =
      std::none_of(item->begin(), item->end(), [](char c) { return http::is_control(c) || c < 0; });
  if (visible) require(http::item_text(quoted + "\"") == item, "a quoted text comes back");
}

void check_headers(std::string_view text) {
  http::Request request;
  request.headers = {{"cookie", std::string{text}}, {"authorization", std::string{text}}};
  for (const auto& cookie : request.cookies("__Host-refresh_token")) {
    require(text.find("__Host-refresh_token") != text.npos, "a cookie is found where it is");
    require(cookie.find(';') == cookie.npos, "a cookie ends at its semicolon");
  }
  const auto token = request.bearer_token();
  if (!token) return;
  require(!token->empty() && token->find(' ') == token->npos, "a token is one word");
  require(text.find(*token) != text.npos, "a token is a part of its header");
}

void check_path_id(std::string_view text) {
  http::Request request;
  request.path_parameters = {{"id", std::string{text}}};
  try {
    const auto id = request.id_of<ChatId>("id").value;
    require(id > 0, "an id is positive");
    const auto digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
    require(std::to_string(id) == digits, "an id is what was written");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::malformed_id, "a bad id is a bad id");
  }
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fechatter::fuzz::text_of(data, size);
  fechatter::fuzz::check_utf8(text);
  fechatter::fuzz::check_percent_decoding(text);
  fechatter::fuzz::check_query(text);
  fechatter::fuzz::check_headers(text);
  fechatter::fuzz::check_path_id(text);
  fechatter::fuzz::check_target(text);
  fechatter::fuzz::check_structured_field(text);
  return 0;
}
