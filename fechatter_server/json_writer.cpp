#include "fechatter_server/json_writer.hpp"

#include <fmt/format.h>

#include <iterator>

namespace fechatter::server {
namespace {

bool needs_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

void append_escape(std::string& text, char c) {
  switch (c) {
    case '"': text += "\\\""; return;
    case '\\': text += "\\\\"; return;
    case '\b': text += "\\b"; return;
    case '\f': text += "\\f"; return;
    case '\n': text += "\\n"; return;
    case '\r': text += "\\r"; return;
    case '\t': text += "\\t"; return;
    default: fmt::format_to(std::back_inserter(text), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

JsonWriter::Scope JsonWriter::object() {
  separate();
  return {text_, '{', '}'};
}

JsonWriter::Scope JsonWriter::array() {
  separate();
  return {text_, '[', ']'};
}

void JsonWriter::name(std::string_view name) {
  separate();
  text_ += '"';
  text_ += name;
  text_ += "\":";
}

void JsonWriter::value(std::string_view text) {
  separate();
  text_ += '"';
  write_text(text);
  text_ += '"';
}

void JsonWriter::value(double number) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", number);
}

// The text ends with the opening character or the colon itself: a text's own are inside of quotes.
void JsonWriter::separate() {
  if (text_.empty()) return;
  const char last = text_.back();
  if (last != '{' && last != '[' && last != ':') text_ += ',';
}

void JsonWriter::write_number(std::int64_t number) {
  separate();
  const fmt::format_int digits{number};
  text_.append(digits.data(), digits.size());
}

void JsonWriter::write_bare(std::string_view token) {
  separate();
  text_ += token;
}

// Runs without an escape are copied as they are.
void JsonWriter::write_text(std::string_view text) {
  const auto* run = text.begin();
  for (const auto* c = text.begin(); c != text.end(); ++c) {
    if (!needs_escape(*c)) continue;
    text_.append(run, c);
    append_escape(text_, *c);
    run = c + 1;
  }
  text_.append(run, text.end());
}

}  // namespace fechatter::server
