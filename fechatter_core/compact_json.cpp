#include "fechatter_core/compact_json.hpp"

#include "fechatter_core/utf8.hpp"

namespace fechatter {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Reads one value after another by the grammar of RFC 8259, and copies its tokens. Each function
// is false where the grammar is broken.
class Compactor {
 public:
  Compactor(std::string_view text, int depth_max) : text_{text}, levels_left_{depth_max} {
    compact_.reserve(text.size());
  }

  std::optional<std::string> run() {
    if (!value() || (skip_space(), at_ < text_.size())) return std::nullopt;
    return std::move(compact_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }

  bool take(char token) {
    if (peek() != token) return false;
    compact_ += token;
    ++at_;
    return true;
  }

  bool copy_from(std::size_t begin) {
    compact_.append(text_, begin, at_ - begin);
    return true;
  }

  bool value() {
    skip_space();
    switch (peek()) {
      case '{': return list('}', [this] { return member(); });
      case '[': return list(']', [this] { return value(); });
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  template <class Item>
  bool list(char end, Item item) {
    if (levels_left_-- == 0) return false;
    take(peek());
    skip_space();
    if (peek() != end) {
      do {
        if (!item()) return false;
        skip_space();
      } while (take(','));
    }
    ++levels_left_;
    return take(end);
  }

  bool member() {
    skip_space();
    if (!string()) return false;
    skip_space();
    return take(':') && value();
  }

  bool string() {
    const auto begin = at_;
    if (peek() != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return copy_from(begin);
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  // Stays at its last character.
  bool escape() {
    ++at_;
    if (peek() != 'u')
      return peek() != '\0' &&
             std::string_view{"\"\\/bfnrt"}.find(peek()) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (!is_hex_digit(peek())) return false;
    }
    return true;
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    compact_ += expected;
    return true;
  }

  bool digits() {
    const auto begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

  bool number() {
    const auto begin = at_;
    if (peek() == '-') ++at_;
    const bool zero = peek() == '0';
    const auto whole = at_;
    if (!digits() || (zero && at_ > whole + 1)) return false;
    if (peek() == '.' && (++at_, !digits())) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return copy_from(begin);
  }

  const std::string_view text_;
  int levels_left_;
  std::size_t at_ = 0;
  std::string compact_;
};

// Behind the string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// Behind the value that begins at `at`: at the comma or the bracket that follows it.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (true) {
    switch (text[at]) {
      case '"': at = end_of_string(text, at); continue;
      case '{':
      case '[': ++depth; break;
      case ',':
        if (depth == 0) return at;
        break;
      case '}':
      case ']':
        if (depth-- == 0) return at;
        break;
      default: break;
    }
    ++at;
  }
}

}  // namespace

std::optional<std::string> compact_json(std::string_view text, int depth_max) {
  if (!is_utf8(text)) return std::nullopt;
  return Compactor{text, depth_max}.run();
}

std::vector<JsonMember> members_of(std::string_view object) {
  std::vector<JsonMember> members;
  for (std::size_t at = 1; object[at] == '"'; ++at) {
    const auto name = at + 1;
    const auto value = end_of_string(object, at) + 1;
    at = end_of_value(object, value);
    members.push_back({object.substr(name, value - 2 - name), object.substr(value, at - value)});
    if (object[at] == '}') break;
  }
  return members;
}

}  // namespace fechatter
