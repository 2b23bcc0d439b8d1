#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace fechatter {

// A configuration error, which stops the start: what() names the source (file and line, variable or
// flag) and the key.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The sources of values, weakest first: default < file < environment < flag.
struct ConfigSources {
  std::string file;  // empty: none
  std::map<std::string, std::string>
      environment;                 // FECHATTER_<SECTION>__<KEY>, DATABASE_URL, NATS_URL
  std::vector<std::string> flags;  // "section.key=value"
};

// A key with its value in effect, as the sources write it: a list is separated by commas.
struct ConfigValue {
  std::string key;
  std::string text;
  std::string origin;  // "default", "<file>:<line>", "environment variable <name>", "flag --set …"
  bool is_text = false;  // not a number, a choice or a flag: it may be a secret
};

// The environment of this process.
std::map<std::string, std::string> process_environment();

// Binds "section.key" and "section.section.key" names to variables, then fills the variables from
// the sources. A key is bound once. An unbound key, a value of the wrong type or out of its range
// is a ConfigError. A variable FECHATTER_X without a double underscore is ignored (Kubernetes sets
// such variables for services).
class Config {
 public:
  void bind(const std::string& key, std::string& value);
  void bind(const std::string& key, bool& value);
  // `check` is called with the text, unless it is empty, or with each member of the list, and
  // throws std::invalid_argument for a bad one.
  using Check = void (*)(const std::string& text);
  void bind(const std::string& key, std::string& value, Check check);
  void bind(const std::string& key, std::vector<std::string>& value, Check check = nullptr);
  void bind_choice(const std::string& key, std::string& value, std::vector<std::string> choices);

  // A whole number in min..max.
  template <class Number>
  requires(std::is_integral_v<Number> &&
           !std::is_same_v<Number, bool>) void bind(const std::string& key, Number& value,
                                                    std::int64_t min, std::int64_t max) {
    bind_number(
        key, min, max, [&value](std::int64_t n) { value = static_cast<Number>(n); },
        [&value] { return static_cast<std::int64_t>(value); });
  }

  // A duration in the unit of its type, which the key's name ends in (…_ms, …_seconds).
  template <class Rep, class Period>
  void bind(const std::string& key, std::chrono::duration<Rep, Period>& value, std::int64_t min,
            std::int64_t max) {
    bind_number(
        key, min, max, [&value](std::int64_t n) { value = std::chrono::duration<Rep, Period>{n}; },
        [&value] { return static_cast<std::int64_t>(value.count()); });
  }

  void load(const ConfigSources& sources);
  std::vector<std::string> keys() const;
  // All keys, in alphabetical order, as the variables are now.
  std::vector<ConfigValue> values() const;

 private:
  using Setter = std::function<void(const std::string& text)>;  // throws std::invalid_argument
  using Getter = std::function<std::string()>;

  struct Entry {
    Setter setter;
    Getter getter;
    bool list = false;
    bool is_text = false;
    std::string origin = "default";
  };

  void bind_number(const std::string& key, std::int64_t min, std::int64_t max,
                   std::function<void(std::int64_t)> assign, std::function<std::int64_t()> read);
  void add(const std::string& key, Entry entry);
  void load_file(const std::string& path);
  // Of a section, or of one within it.
  void load_section(const std::string& path, const std::string& name, const YAML::Node& section,
                    bool may_have_sections);
  void load_environment(const std::map<std::string, std::string>& environment);
  void load_flags(const std::vector<std::string>& flags);
  void set(const std::string& key, const std::string& text, const std::string& place);

  std::map<std::string, Entry> entries_;
};

}  // namespace fechatter
