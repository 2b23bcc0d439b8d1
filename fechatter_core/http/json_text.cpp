#include "fechatter_core/http/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter::http {
namespace {

using nlohmann::json;

constexpr std::size_t depth_max = 32;
constexpr int number_overflow = 406;  // nlohmann's id of it
constexpr std::string_view large_number = "1e300";

// Builds the value from the parser's events. Members are values and no function throws: a refusal
// is recorded in `defect`, and a handler that returns false stops the parser.
class GuardedBuilder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return add(json{}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override {
    constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
    return add(value > max ? json(static_cast<double>(value)) : json(value));
  }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(json::binary_t&) override { return refuse("binary value"); }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    if (open_.back().value.contains(name)) return refuse("duplicate key");
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const bool utf8 = std::string_view{error.what()}.find("UTF-8") != std::string_view::npos;
    overflow_ = error.id == number_overflow;
    const std::string what = utf8 ? "invalid UTF-8" : "syntax error";
    return refuse(what + " at byte " + std::to_string(position));
  }

  json take_root() { return std::move(root_); }
  const std::string& defect() const { return defect_; }
  // Whether the parser stopped at a number beyond the doubles.
  bool overflow() const { return overflow_; }

 private:
  struct Level {
    json value;
    std::string key;  // of the member that comes next
  };

  bool refuse(std::string defect) {
    defect_ = std::move(defect);
    return false;
  }

  bool open(json container) {
    if (open_.size() == depth_max) return refuse("nested deeper than 32 levels");
    open_.push_back(Level{std::move(container), {}});
    return true;
  }

  bool close() {
    json finished = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(finished));
  }

  bool add(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.push_back(std::move(value));
    } else {
      open_.back().value.emplace(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  std::vector<Level> open_;
  json root_;
  std::string defect_;
  bool overflow_ = false;
};

// Behind the string that begins at `at`, or the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

std::size_t end_of_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// Behind the number of RFC 8259 §6 that begins at `at`; `at` itself when none does.
std::size_t end_of_number(std::string_view text, std::size_t at) {
  const auto is_at = [&](std::size_t place, std::string_view any) {
    return place < text.size() && any.find(text[place]) != std::string_view::npos;
  };
  const auto whole = is_at(at, "-") ? at + 1 : at;
  auto end = is_at(whole, "0") ? whole + 1 : end_of_digits(text, whole);
  if (end == whole) return at;
  if (is_at(end, ".")) {
    const auto fraction = end_of_digits(text, end + 1);
    if (fraction == end + 1) return at;
    end = fraction;
  }
  if (!is_at(end, "eE")) return end;
  const auto digits = is_at(end + 1, "+-") ? end + 2 : end + 1;
  const auto exponent = end_of_digits(text, digits);
  return exponent == digits ? at : exponent;
}

// As nlohmann's parser finds it; a number too small to differ from 0 is within the range.
bool is_beyond_double(const std::string& number) {
  return std::isinf(std::strtod(number.c_str(), nullptr));
}

// The text with numbers that no double can hold replaced by one within the range: nlohmann's parser
// does not go on behind such a number. Linear in the text: what follows a malformed number, where
// the parser stops, is not searched.
std::string with_numbers_in_range(std::string_view text) {
  std::string replaced;
  for (std::size_t at = 0; at < text.size();) {
    const bool number = text[at] == '-' || is_digit(text[at]);
    auto end = at + 1;
    if (text[at] == '"') end = end_of_string(text, at);
    if (number) end = end_of_number(text, at);
    if (end == at) return replaced.append(text.substr(at));
    const std::string piece{text.substr(at, end - at)};
    const bool beyond = number && is_beyond_double(piece);
    if (!beyond) replaced += piece;
    if (beyond) replaced.append(piece.front() == '-' ? "-" : "").append(large_number);
    at = end;
  }
  return replaced;
}

}  // namespace

json parse_json(std::string_view text) {
  if (text.empty()) throw Error{ErrorCode::malformed_json, "the body is empty"};
  // A NUL is no JSON anywhere; nlohmann's parser takes one for the end of the text.
  if (text.find('\0') != std::string_view::npos) {
    throw Error{ErrorCode::malformed_json, "the body is not acceptable JSON: a NUL"};
  }
  GuardedBuilder builder;
  if (json::sax_parse(text, &builder)) return builder.take_root();
  if (builder.overflow()) {
    const auto in_range = with_numbers_in_range(text);
    builder = GuardedBuilder{};
    if (json::sax_parse(in_range, &builder)) return builder.take_root();
  }
  throw Error{ErrorCode::malformed_json, "the body is not acceptable JSON: " + builder.defect()};
}

}  // namespace fechatter::http
