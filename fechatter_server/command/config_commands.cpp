#include "fechatter_server/command/config_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "fechatter_core/auth/signing_key.hpp"
#include "fechatter_core/postgres/migrations.hpp"
#include "fechatter_server/command/text_table.hpp"

namespace fechatter::server {
namespace {

constexpr const char* mask = "********";

// A word of the last part of the key: no key of numbers or switches is a text.
bool names_a_secret(const std::string& key) {
  const auto name = key.substr(key.rfind('.') + 1);
  if (name.ends_with("_file") || name == "private_key" || name == "public_key") return false;
  if (name == "access_key_id" || name == "kms_key_id") return false;
  for (const auto* word : {"secret", "password", "token", "_key"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

// scheme://user:password@host, also several of them.
std::string without_user_passwords(std::string urls) {
  constexpr std::string_view mark = "://";
  for (auto at = urls.find(mark); at != std::string::npos; at = urls.find(mark, at)) {
    at += mark.size();
    const auto host_end = std::min(urls.find_first_of("/?", at), urls.size());
    const auto password_end = urls.rfind('@', host_end == 0 ? 0 : host_end - 1);
    const auto colon = urls.find(':', at);
    if (password_end == std::string::npos || colon == std::string::npos) continue;
    if (at < password_end && colon < password_end) {
      urls.replace(colon + 1, password_end - colon - 1, mask);
    }
  }
  return urls;
}

// The end of a value of libpq's keyword string or of a URL's query that begins there.
std::size_t end_of_value(const std::string& text, std::size_t begin) {
  const bool quoted = begin < text.size() && text[begin] == '\'';
  for (auto at = begin + (quoted ? 1 : 0); at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (quoted ? text[at] == '\'' : text[at] == '&' || text[at] == ' ') {
      return quoted ? at + 1 : at;
    }
  }
  return text.size();
}

// password=…, with or without spaces around the sign.
std::string without_password_words(std::string text) {
  constexpr std::string_view word = "password";
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    at += word.size();
    const auto equals = text.find_first_not_of(' ', at);
    if (equals == std::string::npos || text[equals] != '=') continue;
    const auto begin = std::min(text.find_first_not_of(' ', equals + 1), text.size());
    text.replace(begin, end_of_value(text, begin) - begin, mask);
    at = begin;
  }
  return text;
}

struct Problem {
  std::string key;
  std::string detail;
};

void check_readable(std::vector<Problem>& problems, const std::string& key,
                    const std::string& path) {
  if (path.empty()) return;
  if (!std::filesystem::is_regular_file(path)) {
    problems.push_back({key, path + ": no such file"});
  } else if (access(path.c_str(), R_OK) != 0) {
    problems.push_back({key, path + ": cannot be read"});
  }
}

template <class F>
void check_that(std::vector<Problem>& problems, const std::string& key, F works) {
  try {
    works();
  } catch (const std::exception& error) {
    problems.push_back({key, error.what()});
  }
}

std::vector<Problem> problems_of(const ServerSettings& settings) {
  std::vector<Problem> problems;
  check_that(problems, "auth.private_key", [&] { auth::load_private_key(settings.private_key); });
  check_that(problems, "database.migrations", [&] { postgres::read_schema(settings.migrations); });
  check_that(problems, "database.url", [&] { postgres::role_of(settings.database_url); });
  if (!settings.migration_url.empty()) {
    check_that(problems, "database.migration_url",
               [&] { postgres::role_of(settings.migration_url); });
  }
  check_readable(problems, "search.meilisearch_key_file", settings.meilisearch_key_file);
  check_readable(problems, "files.s3.secret_access_key_file",
                 settings.files.s3_secret_access_key_file);
  check_readable(problems, "files.s3.ca_file", settings.files.s3.ca_file);
  if (settings.files.store == "s3" && settings.files.s3.bucket.empty()) {
    problems.push_back({"files.s3.bucket", "is required with files.store: s3"});
  }
  return problems;
}

int check_settings(const CommandInput& input) {
  const auto problems = problems_of(load_settings(input.sources));
  auto list = nlohmann::ordered_json::array();
  std::string text;
  for (const auto& problem : problems) {
    list.push_back({{"key", problem.key}, {"detail", problem.detail}});
    text += fmt::format("{}: {}\n", problem.key, problem.detail);
  }
  if (problems.empty()) text = "The configuration is good.\n";
  print_report(input, {{"good", problems.empty()}, {"problems", list}}, text);
  return problems.empty() ? exit_code::done : exit_code::wrong_configuration;
}

int show_settings(const CommandInput& input, bool with_origin) {
  ServerSettings settings;
  Config config;
  bind(config, settings);
  config.load(input.sources);
  auto values = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines;
  for (const auto& value : config.values()) {
    const auto text = masked(value);
    values.push_back({{"key", value.key}, {"value", text}, {"origin", value.origin}});
    lines.push_back({value.key, text.empty() ? "\"\"" : text});
    if (with_origin) lines.back().push_back(value.origin);
  }
  print_report(input, {{"values", values}}, text_table(lines));
  return exit_code::done;
}

}  // namespace

std::string masked(const ConfigValue& value) {
  if (!value.is_text || value.text.empty()) return value.text;
  if (names_a_secret(value.key)) return mask;
  return without_password_words(without_user_passwords(value.text));
}

void add_config_commands(CommandTable& table) {
  auto& group = table.add_group("config", "The settings of fechatter_server");
  table.add(group, "check", "Whether the server would start with these settings", check_settings);
  const auto with_origin = std::make_shared<bool>(false);
  table
      .add(group, "show", "Each key with its value; secrets are masked",
           [with_origin](const CommandInput& input) { return show_settings(input, *with_origin); })
      .add_flag("--origin", *with_origin,
                "And where it comes from: default, file and line, variable or flag");
}

}  // namespace fechatter::server
