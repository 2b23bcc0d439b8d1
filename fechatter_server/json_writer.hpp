#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::server {

// Writes JSON (RFC 8259) into one text, without a tree of values: for a page of messages or chats
// the tree costs several times as much as the text. UTF-8, no white space, only the escapes that
// must be. A noun is written by a function of its own, `write_json(JsonWriter&, const Noun&)` in
// <noun>/<noun>_json.hpp. REQUIRES: texts are valid UTF-8, numbers are finite, and names and values
// come in an order that makes JSON. One thread.
class JsonWriter {
 public:
  // What is written during its life is inside of the object or array.
  class Scope {
   public:
    ~Scope() { text_ += end_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    friend class JsonWriter;
    Scope(std::string& text, char begin, char end) : text_{text}, end_{end} { text_ += begin; }

    std::string& text_;
    const char end_;
  };

  // Has room for so many bytes.
  explicit JsonWriter(std::size_t bytes = 0) { text_.reserve(bytes); }

  [[nodiscard]] Scope object();
  [[nodiscard]] Scope array();
  // Of an object: a name that needs no escape, whose value comes next.
  void name(std::string_view name);
  template <class T>
  JsonWriter& field(std::string_view name, const T& value) {
    this->name(name);
    this->value(value);
    return *this;
  }

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view{text}); }
  void value(const std::string& text) { value(std::string_view{text}); }
  void value(std::integral auto number) { write_number(static_cast<std::int64_t>(number)); }
  void value(bool flag) { write_bare(flag ? "true" : "false"); }
  void value(double number);
  void value(std::nullptr_t) { write_bare("null"); }
  void value(Timestamp moment) { value(std::string_view{to_rfc3339(moment)}); }
  template <class Tag>
  void value(Id<Tag> id) {
    write_number(id.value);
  }
  template <class T>
  void value(const std::optional<T>& found) {
    found ? value(*found) : value(nullptr);
  }
  template <class T>
  void value(const std::vector<T>& list) {
    const auto inside = array();
    for (const auto& item : list) value(item);
  }
  template <class Noun>
  requires std::is_class_v<Noun>
  void value(const Noun& noun) { write_json(*this, noun); }

  // What has been written; ends the writer.
  std::string take() { return std::move(text_); }

 private:
  // A comma, unless what comes is the first of its object or array, or the value of a name.
  void separate();
  void write_number(std::int64_t number);
  void write_bare(std::string_view token);
  void write_text(std::string_view text);

  std::string text_;
};

// The JSON of a value, of about so many bytes.
template <class T>
std::string json_text(const T& value, std::size_t bytes = 0) {
  JsonWriter out{bytes};
  out.value(value);
  return out.take();
}

// The same as a tree, for an answer that is put together of several.
template <class T>
nlohmann::json json_tree(const T& value) {
  return nlohmann::json::parse(json_text(value));
}

}  // namespace fechatter::server
