#include "tests/search/searching.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr const char* url_variable = "FECHATTER_SEARCH__MEILISEARCH_URL";
constexpr const char* key_variable = "FECHATTER_SEARCH__MEILISEARCH_KEY";
constexpr const char* local_address = "http://127.0.0.1:";

std::unique_ptr<System>& instance() {
  static std::unique_ptr<System> system;
  return system;
}

std::string environment_variable(const char* name) {
  const auto* value = std::getenv(name);
  return value ? value : "";
}

Reply ask_meilisearch(const std::string& method, const std::string& target) {
  const auto url = environment_variable(url_variable);
  const auto port = std::stoi(url.substr(std::string{local_address}.size()));
  const auto key = environment_variable(key_variable);
  Headers headers;
  if (!key.empty()) headers["Authorization"] = "Bearer " + key;
  auto reply = request(static_cast<std::uint16_t>(port), method, target, {}, headers);
  if (reply.status < 200 || reply.status > 299) {
    throw std::runtime_error{fmt::format("Meilisearch: {} {}", reply.status, reply.body)};
  }
  return reply;
}

// Message ids begin at 1 in the database of each run: documents of an earlier run would match.
void empty_meilisearch() {
  const auto listed = ask_meilisearch("GET", "/indexes?limit=1000").json();
  for (const auto& index : listed.at("results")) {
    const auto target = "/indexes/" + index.at("uid").get<std::string>();
    const auto task = ask_meilisearch("DELETE", target).json().at("taskUid").get<std::int64_t>();
    const bool done = eventually([task] {
      const auto state = ask_meilisearch("GET", fmt::format("/tasks/{}", task)).json();
      return state.at("status") == "succeeded";
    });
    if (!done) throw std::runtime_error{"Meilisearch keeps its index"};
  }
}

}  // namespace

std::string search_provider() {
  const auto named = environment_variable("FECHATTER_TEST_SEARCH");
  return named.empty() ? "postgres" : named;
}

std::string missing_for_search() {
  if (search_provider() != "meilisearch") return "";
  if (environment_variable(url_variable).starts_with(local_address)) return "";
  return fmt::format("{} must name a Meilisearch on 127.0.0.1", url_variable);
}

System& searched_system() {
  if (!instance()) throw std::logic_error{"no system: link tests/search/main.cpp"};
  return *instance();
}

void make_searched_system() {
  const auto provider = search_provider();
  if (provider == "meilisearch") empty_meilisearch();
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_SEARCH__PROVIDER", provider}};
  instance() = std::make_unique<System>(std::move(options));
}

void end_searched_system() {
  instance().reset();
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

std::string search_target(const std::string& path, const Parameters& parameters) {
  auto target = path;
  auto separator = '?';
  for (const auto& [name, value] : parameters) {
    target += fmt::format("{}{}={}", separator, name, percent_encoded(value));
    separator = '&';
  }
  return target;
}

Reply search(const Person& person, const Parameters& parameters) {
  return person.get(search_target("/api/search/messages", parameters));
}

json found(const Person& person, const Parameters& parameters) {
  const auto reply = search(person, parameters);
  if (reply.status != 200) {
    throw std::runtime_error{fmt::format("search: {} {}", reply.status, reply.body)};
  }
  return reply.json();
}

Ids ids_found(const Person& person, const std::string& query) {
  Ids ids;
  const auto answer = found(person, {{"q", query}, {"limit", "100"}});
  for (const auto& hit : answer.at("hits")) ids.insert(hit.at("id").get<std::int64_t>());
  return ids;
}

testing::AssertionResult finds(const Person& person, const std::string& query,
                               const Ids& expected) {
  Ids ids;
  const bool same = eventually(
      [&] {
        ids = ids_found(person, query);
        return ids == expected;
      },
      change_deadline);
  if (same) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << fmt::format("\"{}\" finds {{{}}}, not {{{}}}", query, fmt::join(ids, ", "),
                        fmt::join(expected, ", "));
}

std::string refused_field(const Reply& reply) {
  if (reply.status != 422) return fmt::format("{} {}", reply.status, reply.body);
  return reply.json().at("errors").at(0).at("field");
}

Person signs_up_as(const std::string& fullname, const std::string& email,
                   const std::string& workspace) {
  auto& system = searched_system();
  const auto reply = system.post("/api/signup", {{"fullname", fullname},
                                                 {"email", email},
                                                 {"password", "staple of glass"},
                                                 {"workspace", workspace}});
  if (reply.status != 201) throw std::runtime_error{"sign-up: " + reply.body};
  return {system, reply.json()};
}

}  // namespace fechatter::test
