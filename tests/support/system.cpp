#include "tests/support/system.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <stdexcept>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/support/api_description.hpp"
#include "tests/support/places.hpp"

namespace fechatter::test {
namespace {

// Password hashing at production strength would dominate the duration of a test.
const Environment quick_server{{"FECHATTER_AUTH__PASSWORD_MEMORY_KIB", "64"},
                               {"FECHATTER_AUTH__PASSWORD_ITERATIONS", "1"},
                               {"FECHATTER_AUTH__SIGN_UP", "open"},
                               {"FECHATTER_AUTH__WORKSPACE_JOIN", "open"},
                               {"FECHATTER_SERVER__ADDRESS", "127.0.0.1"},
                               // However full the disk of the machine is.
                               {"FECHATTER_FILES__FREE_MIB_MIN", "0"},
                               {"FECHATTER_DATABASE__MIGRATIONS", source_path("migrations")}};

// All clients of all tests share one address.
const Environment wide_limits{{"FECHATTER_HTTP__CONNECTIONS_PER_ADDRESS_MAX", "20000"},
                              {"FECHATTER_LIMITS__STRANGER_PER_SECOND", "1000000"},
                              {"FECHATTER_LIMITS__STRANGER_BURST", "1000000"},
                              {"FECHATTER_LIMITS__USER_PER_SECOND", "1000000"},
                              {"FECHATTER_LIMITS__USER_BURST", "1000000"}};
// Of fechatter_server alone.
const Environment wide_page_limits{{"FECHATTER_LIMITS__PAGE_PER_SECOND", "1000000"},
                                   {"FECHATTER_LIMITS__PAGE_BURST", "1000000"}};
const Environment wide_daily_limits{{"FECHATTER_CHATS__MADE_PER_DAY", "1000000"},
                                    {"FECHATTER_CHATS__ADDED_PER_DAY", "1000000"}};
const Environment wide_sign_in_limits{{"FECHATTER_LIMITS__SIGN_IN_PER_MINUTE", "1000000"},
                                      {"FECHATTER_LIMITS__SIGN_IN_BURST", "1000000"},
                                      {"FECHATTER_LIMITS__ACCOUNT_PER_MINUTE", "1000000"},
                                      {"FECHATTER_LIMITS__ACCOUNT_BURST", "1000000"},
                                      {"FECHATTER_LIMITS__DEVICE_PER_MINUTE", "1000000"},
                                      {"FECHATTER_LIMITS__DEVICE_BURST", "1000000"},
                                      {"FECHATTER_LIMITS__FAILURES_FREE", "1000000"},
                                      {"FECHATTER_LIMITS__SEARCH_PER_SECOND", "1000000"},
                                      {"FECHATTER_LIMITS__SEARCH_BURST", "1000000"},
                                      {"FECHATTER_LIMITS__ADDRESS_PER_MINUTE", "1000000"},
                                      {"FECHATTER_LIMITS__ANSWER_KIB_PER_SECOND", "10000000"},
                                      {"FECHATTER_LIMITS__ANSWER_KIB_BURST", "10000000"},
                                      {"FECHATTER_LIMITS__READS_AT_ONCE", "1000"},
                                      {"FECHATTER_LIMITS__ADDRESS_BURST", "1000000"}};
const Environment wide_write_limits{{"FECHATTER_LIMITS__MEMBER_CHANGES_PER_MINUTE", "1000000"},
                                    {"FECHATTER_LIMITS__MEMBER_CHANGES_BURST", "1000000"},
                                    {"FECHATTER_LIMITS__PROFILE_CHANGES_PER_MINUTE", "1000000"},
                                    {"FECHATTER_LIMITS__PROFILE_CHANGES_BURST", "1000000"},
                                    {"FECHATTER_LIMITS__CHATS_PER_MINUTE", "1000000"},
                                    {"FECHATTER_LIMITS__CHATS_BURST", "1000000"},
                                    {"FECHATTER_LIMITS__INVITATIONS_PER_MINUTE", "1000000"},
                                    {"FECHATTER_LIMITS__INVITATIONS_BURST", "1000000"},
                                    {"FECHATTER_LIMITS__USER_ROWS_PER_SECOND", "1000000"},
                                    {"FECHATTER_LIMITS__USER_ROWS_BURST", "10000000"},
                                    {"FECHATTER_LIMITS__WORKSPACE_ROWS_PER_SECOND", "1000000"},
                                    {"FECHATTER_LIMITS__WORKSPACE_ROWS_BURST", "10000000"}};
const Environment wide_stream_limits{{"FECHATTER_LIMITS__STREAMS_PER_MINUTE", "1000000"},
                                     {"FECHATTER_LIMITS__STREAMS_BURST", "1000000"}};

Environment joined(Environment first, const Environment& second) {
  for (const auto& [name, value] : second) first[name] = value;
  return first;
}

}  // namespace

std::string password_of(const std::string& name) {
  std::string password{"secret of "};
  for (const char c : name) {
    const bool begins_character = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (begins_character) password += '0';
    password += c;
  }
  return password;
}

void make_keys(const std::string& folder) {
  run({server_program(), "keys", "--private", folder + "/private.pem", "--public",
       folder + "/public.pem"});
}

Environment server_environment(const Dependencies& on, const Environment& more) {
  const Environment own{{"DATABASE_URL", on.database_url},
                        {"NATS_URL", on.nats_url},
                        {"FECHATTER_FILES__FOLDER", on.keys + "/files"},
                        {"FECHATTER_AUTH__PRIVATE_KEY", on.keys + "/private.pem"}};
  const auto wide_writes = joined(wide_write_limits, wide_daily_limits);
  const auto wide_reads = joined(joined(wide_limits, wide_page_limits), wide_sign_in_limits);
  const auto unhindered = joined(wide_reads, wide_writes);
  return joined(joined(joined(quick_server, unhindered), own), more);
}

Environment notify_environment(const Dependencies& on, const Environment& more) {
  const Environment own{{"DATABASE_URL", on.database_url},
                        {"NATS_URL", on.nats_url},
                        // No presence events, except in tests that want them.
                        {"FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "0"},
                        {"FECHATTER_SERVER__ADDRESS", "127.0.0.1"},
                        {"FECHATTER_AUTH__PUBLIC_KEY", on.keys + "/public.pem"}};
  return joined(joined(joined(wide_limits, wide_stream_limits), own), more);
}

Server::Server(std::string binary, std::string log_path, Environment environment)
    : binary_{std::move(binary)},
      log_path_{std::move(log_path)},
      environment_{std::move(environment)},
      port_{free_port()},
      admin_port_{free_port()} {
  environment_["FECHATTER_SERVER__PORT"] = std::to_string(port_);
  environment_["FECHATTER_ADMIN__PORT"] = std::to_string(admin_port_);
}

void Server::take_port_of(const Server& other) {
  port_ = other.port_;
  environment_["FECHATTER_SERVER__PORT"] = std::to_string(port_);
}

void Server::spawn() {
  process_ = Process{{binary_}, log_path_, environment_};
}

void Server::start() {
  spawn();
  const bool up = eventually([this] {
    try {
      return !process_.running() || request(port_, "GET", "/health/simple").status == 200;
    } catch (const std::exception&) {
      return false;
    }
  });
  if (!up || !process_.running()) throw std::runtime_error{binary_ + ": " + log()};
}

int Server::stop() {
  process_.signal(SIGTERM);
  return process_.wait();
}

void Server::kill() {
  process_.signal(SIGKILL);
  process_.wait();
}

SystemOptions with_query_tokens() {
  SystemOptions options;
  options.notify = {{"FECHATTER_AUTH__QUERY_TOKEN", "true"}};
  return options;
}

System::System(SystemOptions options)
    : database{options.database_url.empty() ? std::make_unique<TestDatabase>() : nullptr},
      server{server_program(), folder.path("fechatter_server.log"), {}},
      notify{notify_program(), folder.path("notify_server.log"), {}},
      options_{std::move(options)} {
  make_keys(folder.path());
  server = another_server();
  notify = another_notify();
  server.start();
  if (!options_.start_notify) return;
  await_stream();
  notify.start();
}

// An instance that finds no stream looks again five times a second, and lags meanwhile.
void System::await_stream() const {
  if (!database) return;
  const auto is_there = [this] {
    return database->number("SELECT coalesce(max(epoch), 0) FROM relay_state") > 0;
  };
  eventually(is_there, std::chrono::seconds{2});
}

System::~System() {
  if (!testing::Test::HasFailure()) return;
  for (const auto* process : {&server, &notify}) {
    const auto log = process->log();
    const auto shown = std::min<std::size_t>(log.size(), 16 * 1024);
    std::cerr << log.substr(log.size() - shown);
  }
}

Dependencies System::server_dependencies() const {
  return {database ? database->url() : options_.database_url, nats.server_url(), folder.path()};
}

Dependencies System::notify_dependencies() const {
  return {database ? database->notify_url() : options_.notify_database_url, nats.notify_url(),
          folder.path()};
}

Server System::another_server() const {
  const auto with_owner =
      joined({{"FECHATTER_DATABASE__MIGRATION_URL", options_.migration_url}}, options_.server);
  return {server_program(), folder.path("fechatter_server.log"),
          server_environment(server_dependencies(), with_owner)};
}

Server System::another_notify() const {
  return {notify_program(), folder.path("notify_server.log"),
          notify_environment(notify_dependencies(), options_.notify)};
}

Reply System::send(const std::string& method, const std::string& target,
                   const std::optional<nlohmann::json>& body, const Headers& headers) const {
  return described_request(server.port(), {"fechatter_server", method, target, body}, headers);
}

Reply System::send_bytes(const std::string& method, const std::string& target,
                         const std::string& content_type, std::string_view body,
                         const Headers& headers) const {
  auto reply = request_bytes(server.port(), method, target, content_type, body, headers);
  expect_described({"fechatter_server", method, target, {}}, reply);
  return reply;
}

Reply System::get(const std::string& target, const Headers& headers) const {
  return send("GET", target, {}, headers);
}

Reply System::post(const std::string& target, const nlohmann::json& body,
                   const Headers& headers) const {
  return send("POST", target, body, headers);
}

Person System::signs_up(const std::string& name, const std::string& workspace) {
  auto domain = workspace;
  std::replace(domain.begin(), domain.end(), ' ', '-');
  const auto reply = post("/api/signup", {{"fullname", name},
                                          {"email", name + "@" + domain + ".example"},
                                          {"password", password_of(name)},
                                          {"workspace", workspace}});
  if (reply.status != 201) throw std::runtime_error{"sign-up: " + reply.body};
  return {*this, reply.json()};
}

Person::Person(System& system, nlohmann::json auth_response)
    : system_{&system},
      // Braces would make a JSON array of one element.
      auth_(std::move(auth_response)) {}

Reply Person::get(const std::string& target) const {
  return system_->get(target, bearer());
}

Reply Person::post(const std::string& target, const nlohmann::json& body,
                   const Headers& headers) const {
  auto all = bearer();
  all.insert(headers.begin(), headers.end());
  return system_->post(target, body, all);
}

Reply Person::patch(const std::string& target, const nlohmann::json& body) const {
  return system_->send("PATCH", target, body, bearer());
}

Reply Person::remove(const std::string& target, const std::optional<nlohmann::json>& body) const {
  return system_->send("DELETE", target, body, bearer());
}

std::int64_t Person::makes_chat(const std::string& type, const std::vector<std::int64_t>& members,
                                const std::string& name) const {
  const auto reply = post("/api/chat", {{"name", name}, {"chat_type", type}, {"members", members}});
  if (reply.status != 201) throw std::runtime_error{"chat: " + reply.body};
  return reply.json().at("id");
}

Reply Person::tries_to_post(std::int64_t chat, const nlohmann::json& body,
                            const Headers& headers) const {
  return post(fmt::format("/api/chat/{}/messages", chat), body, headers);
}

nlohmann::json Person::posts(std::int64_t chat, const std::string& text) const {
  const auto reply = tries_to_post(chat, {{"content", text}});
  if (reply.status != 201) throw std::runtime_error{"message: " + reply.body};
  return reply.json();
}

StreamPosition System::newest_position() const {
  if (!database) return {};
  postgres::Connection connection{database->owner_url()};
  const auto published = [&] {
    return connection.run_script("SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1").empty();
  };
  if (!eventually(published, std::chrono::seconds{2})) return {};
  const auto rows = connection.run_script(
      "SELECT epoch, stream_seq FROM outbox ORDER BY epoch DESC, stream_seq DESC LIMIT 1");
  if (rows.empty()) return {};
  return {rows[0][0].as<std::int64_t>(), rows[0][1].as<std::int64_t>()};
}

namespace {

StreamPosition to_position(const std::string& cursor) {
  const auto dash = cursor.find('-');
  return {std::stoll(cursor.substr(0, dash)), std::stoll(cursor.substr(dash + 1))};
}

}  // namespace

SseStream Person::subscribes(const std::optional<std::string>& last_event_id) const {
  return subscribes_at(system_->notify.port(), last_event_id);
}

SseStream Person::subscribes_at(std::uint16_t port,
                                const std::optional<std::string>& last_event_id) const {
  auto headers = bearer();
  if (last_event_id) headers["Last-Event-ID"] = *last_event_id;
  const auto newest = last_event_id ? StreamPosition{} : system_->newest_position();
  std::optional<SseStream> stream;
  const auto opens = [&] {
    stream.emplace(port, "/events", headers);
    if (stream->status() != 200)
      throw std::runtime_error{"stream: " + stream->head() + stream->unread()};
    if (last_event_id) return true;
    const auto caught_up = stream->next("CaughtUp");
    if (!caught_up) throw std::runtime_error{"no CaughtUp"};
    return newest <= to_position(caught_up->data.at("cursor"));
  };
  eventually(opens, std::chrono::seconds{2});
  return std::move(*stream);
}

}  // namespace fechatter::test
