#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "fechatter_core/compact_json.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/http/json_text.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// JSON bodies: compares the guarded parser with nlohmann's own, and reads fields. Where nlohmann's
// parser does not go on behind a number beyond the doubles, the grammar alone is compared, with the
// parser for events.
namespace fechatter::fuzz {
namespace {

using http::JsonFields;
using nlohmann::json;

constexpr int depth_max = 32;

std::optional<json> parsed(std::string_view text) {
  try {
    return std::optional<json>{std::in_place, http::parse_json(text)};
  } catch (const Error& error) {
    require(error.code() == ErrorCode::malformed_json, "bad JSON is malformed_json");
    require(is_utf8(error.what()), "a refusal is valid UTF-8");
    return std::nullopt;
  }
}

void check_value(const json& value, int depth) {
  require(depth <= depth_max, "nothing is nested deeper than 32 levels");
  if (value.is_number_unsigned()) {
    constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
    require(value.get<std::uint64_t>() <= max, "integers fit into int64");
  }
  if (value.is_string()) {
    require(is_utf8(value.get_ref<const std::string&>()), "strings are UTF-8");
  }
  if (!value.is_structured()) return;
  for (const auto& element : value) check_value(element, depth + 1);
}

json as_doubles(json value) {
  constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > max) {
    return static_cast<double>(value.get<std::uint64_t>());
  }
  if (!value.is_structured()) return value;
  for (auto& element : value) element = as_doubles(std::move(element));
  return value;
}

// Counts the keys in the text: nlohmann's value keeps only one of two equal keys.
std::size_t keys_in(std::string_view text) {
  std::size_t keys = 0;
  const auto count = [&](int, json::parse_event_t event, json&) {
    if (event == json::parse_event_t::key) ++keys;
    return true;
  };
  return json::parse(text, count).is_discarded() ? 0 : keys;
}

std::size_t keys_of(const json& value) {
  if (!value.is_structured()) return 0;
  std::size_t keys = value.is_object() ? value.size() : 0;
  for (const auto& element : value) keys += keys_of(element);
  return keys;
}

struct Draft {
  std::string content;
  std::optional<std::string> name;
  std::vector<std::string> files;
  std::vector<UserId> mentions;
  std::optional<MessageId> reply_to;
  std::optional<std::int64_t> level;
  bool flag = false;

  friend bool operator==(const Draft&, const Draft&) = default;
};

bool is_text(const std::string& text, std::size_t max) {
  return is_utf8(text) && count_characters(text) <= max && text.find('\0') == text.npos;
}

void check_draft(const Draft& draft) {
  require(is_text(draft.content, 20), "a text is within its limits");
  if (draft.name) require(!draft.name->empty() && is_text(*draft.name, 8), "and so is an optional");
  require(draft.files.size() <= 3 && draft.mentions.size() <= 3, "arrays are within their limits");
  for (const auto& file : draft.files) require(is_text(file, 8), "elements are too");
  for (const auto user : draft.mentions) require(user.value > 0, "ids are positive");
  if (draft.reply_to) require(draft.reply_to->value > 0, "an id is positive");
  if (draft.level) require(*draft.level >= -5 && *draft.level <= 5, "a number is within bounds");
}

// Nullopt for a refused body.
std::optional<Draft> read_draft(const json& body) {
  JsonFields fields(body);
  fields.alias("mentions", "members");
  Draft draft;
  draft.content = fields.text("content", {0, 20});
  draft.name = fields.find_text("name", {1, 8});
  draft.files = fields.texts("files", 3, {1, 8});
  draft.mentions = fields.ids<UserId>("mentions", 3);
  draft.reply_to = fields.find_id<MessageId>("reply_to");
  draft.level = fields.find_number("level", -5, 5);
  draft.flag = fields.flag("flag", false);
  check_draft(draft);
  try {
    fields.check();
    return draft;
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid_fields, "bad fields are invalid_fields");
    require(!error.fields().empty(), "a refusal names its fields");
    const auto response = http::problem_response(error, "id");
    const auto problem = parsed(response.body);
    require(problem && problem->at("errors").size() == error.fields().size(), "it names them all");
    return std::nullopt;
  }
}

constexpr int number_overflow = 406;  // nlohmann's id of it

// A byte order mark is for the parser of bodies only, and the event parser checks no surrogates.
void check_like_nlohmann(std::string_view text, const json& value) {
  try {
    const auto plain = json::parse(text);
    // nlohmann keeps integers between int64 and uint64, which are doubles here.
    require(json::parse(value.dump()) == json::parse(as_doubles(plain).dump()),
            "nlohmann reads the same");
    require(keys_in(text) == keys_of(value), "no key was there twice");
  } catch (const json::out_of_range& error) {
    require(error.id == number_overflow, "only numbers are out of range");
    const auto events = text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
    require(compact_json(events, depth_max).has_value(), "the grammar holds all the same");
  }
}

void check_body(std::string_view text) {
  const auto value = parsed(text);
  if (!value) return;
  check_value(*value, 0);
  require(text.find('\0') == text.npos, "a NUL is no JSON");
  check_like_nlohmann(text, *value);
  const auto again = parsed(value->dump());
  require(again && *again == *value, "what was accepted comes back from its text");
  if (!value->is_object()) return;
  require(read_draft(*value) == read_draft(*again), "and so do its fields");
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fechatter::fuzz::check_body(fechatter::fuzz::text_of(data, size));
  return 0;
}
