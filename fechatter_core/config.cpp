#include "fechatter_core/config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

extern char** environ;  // NOLINT: POSIX names it

namespace fechatter {
namespace {

constexpr std::string_view prefix = "FECHATTER_";

std::int64_t parse_number(const std::string& text, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) throw std::invalid_argument{"must be a whole number"};
  if (number < min || number > max) {
    throw std::invalid_argument{"must be in " + std::to_string(min) + ".." + std::to_string(max)};
  }
  return number;
}

bool parse_bool(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw std::invalid_argument{"must be true or false"};
}

std::vector<std::string> parse_list(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const auto& part : parts) {
    if (!joined.empty()) joined += separator;
    joined += part;
  }
  return joined;
}

// FECHATTER_DATABASE__POOL_SIZE → database.pool_size, FECHATTER_FILES__S3__BUCKET →
// files.s3.bucket; empty for a variable that is no setting.
std::string key_of_variable(std::string_view name) {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  const auto separator = name.find("__");
  if (separator == std::string_view::npos || separator == 0) return {};
  std::string key{name};
  for (auto at = separator; at != std::string::npos; at = key.find("__", at + 1)) {
    key.replace(at, 2, ".");
  }
  std::transform(key.begin(), key.end(), key.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return key;
}

std::string place_of(const std::string& path, const YAML::Mark& mark) {
  return path + ":" + std::to_string(mark.line + 1);
}

std::string text_of(const YAML::Node& node, const std::string& place, const std::string& key,
                    bool list) {
  if (node.IsNull()) return {};
  if (node.IsScalar()) return node.Scalar();
  if (!list || !node.IsSequence())
    throw ConfigError{place + ": " + key + ": must be a single value"};
  std::vector<std::string> parts;
  for (const auto& item : node) {
    if (!item.IsScalar()) throw ConfigError{place + ": " + key + ": must be a list of values"};
    parts.push_back(item.Scalar());
  }
  return join(parts, ",");
}

}  // namespace

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

void Config::bind(const std::string& key, std::string& value) {
  add(key, {.setter = [&value](const std::string& text) { value = text; },
            .getter = [&value] { return value; },
            .is_text = true});
}

void Config::bind(const std::string& key, std::string& value, Check check) {
  const auto set = [&value, check](const std::string& text) {
    if (!text.empty()) check(text);
    value = text;
  };
  add(key, {.setter = set, .getter = [&value] { return value; }, .is_text = true});
}

void Config::bind(const std::string& key, bool& value) {
  add(key, {.setter = [&value](const std::string& text) { value = parse_bool(text); },
            .getter = [&value] { return std::string{value ? "true" : "false"}; }});
}

void Config::bind(const std::string& key, std::vector<std::string>& value, Check check) {
  const auto set = [&value, check](const std::string& text) {
    auto members = parse_list(text);
    if (check) std::for_each(members.begin(), members.end(), check);
    value = std::move(members);
  };
  add(key, {.setter = set,
            .getter = [&value] { return join(value, ","); },
            .list = true,
            .is_text = true});
}

void Config::bind_choice(const std::string& key, std::string& value,
                         std::vector<std::string> choices) {
  const auto set = [&value, choices = std::move(choices)](const std::string& text) {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
      throw std::invalid_argument{"must be one of " + join(choices, ", ")};
    }
    value = text;
  };
  add(key, {.setter = set, .getter = [&value] { return value; }});
}

void Config::bind_number(const std::string& key, std::int64_t min, std::int64_t max,
                         std::function<void(std::int64_t)> assign,
                         std::function<std::int64_t()> read) {
  const auto set = [min, max, assign = std::move(assign)](const std::string& text) {
    assign(parse_number(text, min, max));
  };
  add(key, {.setter = set, .getter = [read = std::move(read)] { return std::to_string(read()); }});
}

void Config::add(const std::string& key, Entry entry) {
  if (!entries_.emplace(key, std::move(entry)).second) throw ConfigError{key + ": bound twice"};
}

std::vector<ConfigValue> Config::values() const {
  std::vector<ConfigValue> values;
  for (const auto& [key, entry] : entries_) {
    values.push_back({key, entry.getter(), entry.origin, entry.is_text});
  }
  return values;
}

std::vector<std::string> Config::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, entry] : entries_) names.push_back(key);
  return names;
}

void Config::load(const ConfigSources& sources) {
  if (!sources.file.empty()) load_file(sources.file);
  load_environment(sources.environment);
  load_flags(sources.flags);
}

void Config::load_file(const std::string& path) {
  YAML::Node root;
  try {
    root = YAML::LoadFile(path);
  } catch (const YAML::BadFile&) {
    throw ConfigError{path + ": cannot be read"};
  } catch (const YAML::Exception& error) {
    throw ConfigError{place_of(path, error.mark) + ": " + error.msg};
  }
  if (root.IsNull()) return;
  if (!root.IsMap()) throw ConfigError{path + ":1: must be a map of sections"};
  for (const auto& section : root) {
    const auto& section_name = section.first.Scalar();
    if (section.second.IsNull()) continue;
    if (!section.second.IsMap()) {
      throw ConfigError{place_of(path, section.first.Mark()) + ": " + section_name +
                        ": must be a section with keys below it"};
    }
    load_section(path, section_name, section.second, true);
  }
}

void Config::load_section(const std::string& path, const std::string& name,
                          const YAML::Node& section, bool may_have_sections) {
  for (const auto& item : section) {
    const auto key = name + "." + item.first.Scalar();
    const auto place = place_of(path, item.first.Mark());
    const auto entry = entries_.find(key);
    if (entry == entries_.end() && may_have_sections && item.second.IsMap()) {
      load_section(path, key, item.second, false);
      continue;
    }
    set(key, text_of(item.second, place, key, entry != entries_.end() && entry->second.list),
        place);
  }
}

void Config::load_environment(const std::map<std::string, std::string>& environment) {
  for (const auto& [name, value] : environment) {
    // The two names that platforms set come first, so that FECHATTER_… overrides them.
    if (name == "DATABASE_URL") set("database.url", value, "environment variable " + name);
    if (name == "NATS_URL") set("nats.url", value, "environment variable " + name);
  }
  for (const auto& [name, value] : environment) {
    const auto key = key_of_variable(name);
    if (!key.empty()) set(key, value, "environment variable " + name);
  }
}

void Config::load_flags(const std::vector<std::string>& flags) {
  for (const auto& flag : flags) {
    const auto equals = flag.find('=');
    if (equals == std::string::npos)
      throw ConfigError{"flag --set " + flag + ": must be key=value"};
    const auto key = flag.substr(0, equals);
    set(key, flag.substr(equals + 1), "flag --set " + key);
  }
}

void Config::set(const std::string& key, const std::string& text, const std::string& place) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) throw ConfigError{place + ": " + key + ": unknown key"};
  try {
    entry->second.setter(text);
    entry->second.origin = place;
  } catch (const std::invalid_argument& error) {
    throw ConfigError{place + ": " + key + ": " + error.what()};
  }
}

}  // namespace fechatter
