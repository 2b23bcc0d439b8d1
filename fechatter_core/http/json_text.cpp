#include "fechatter_core/http/json_text.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "fechatter_core/error.hpp"

namespace fechatter::http {
namespace {

using nlohmann::json;

constexpr std::size_t depth_max = 32;
constexpr int number_overflow = 406;  // nlohmann's id of it

// Builds the value from the parser's events. Members are values and no function throws: a refusal
// is recorded in `defect`, and a handler that returns false stops the parser.
class GuardedBuilder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return add(json{}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override {
    constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
    return value > max ? refuse("number out of range") : add(value);
  }
  bool number_float(double value, const std::string& text) override {
    const bool integer = text.find_first_of(".eE") == std::string::npos;
    return integer ? refuse("number out of range") : add(value);
  }
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
    const auto* what = error.id == number_overflow ? "number out of range"
                       : utf8                      ? "invalid UTF-8"
                                                   : "syntax error";
    return refuse(what + (" at byte " + std::to_string(position)));
  }

  json take_root() { return std::move(root_); }
  const std::string& defect() const { return defect_; }

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
};

}  // namespace

json parse_json(std::string_view text) {
  if (text.empty()) throw Error{ErrorCode::malformed_json, "the body is empty"};
  GuardedBuilder builder;
  if (json::sax_parse(text, &builder)) return builder.take_root();
  throw Error{ErrorCode::malformed_json, "the body is not acceptable JSON: " + builder.defect()};
}

}  // namespace fechatter::http
