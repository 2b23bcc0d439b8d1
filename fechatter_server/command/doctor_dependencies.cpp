#include "fechatter_server/command/doctor_dependencies.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <charconv>
#include <cmath>
#include <istream>
#include <nlohmann/json.hpp>

#include "fechatter_core/http/client.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/postgres/schema_state.hpp"
#include "fechatter_server/search/search_provider.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;
using State = Finding::State;

constexpr const char* nats_version_min = "2.10.23";  // docs/operations.md
constexpr int postgres_version_min = 150000;

constexpr Statement read_settings{
    "doctor_settings",
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', "
    "'full_page_writes', 'server_version', 'server_version_num') ORDER BY name"};
constexpr Statement read_clock{"doctor_clock",
                               "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"};
constexpr Statement read_roles{"doctor_roles", R"(
SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb,
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
               AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')),
       EXISTS (SELECT FROM pg_roles n WHERE n.rolname = $1::name)
FROM pg_roles r WHERE r.rolname = current_user)"};

void check_durability(Findings& findings, Connection& connection) {
  for (const auto& row : connection.run(read_settings)) {
    const std::string name = row[0].c_str();
    const std::string value = row[1].c_str();
    if (name == "server_version") {
      findings.push_back({"postgres.reachable", State::good, "PostgreSQL " + value});
    } else if (name == "server_version_num") {
      const bool old = row[1].as<int>() < postgres_version_min;
      if (old) findings.push_back({"postgres.version", State::bad, "15 or later is needed"});
    } else {
      // remote_apply and the like wait for more than `on`; `local` does not wait for a standby.
      const bool weak = value == "off" || value == "local" || value == "remote_write";
      findings.push_back({"postgres." + name, weak ? State::bad : State::good,
                          weak ? value + ": committed messages may be lost" : value});
    }
  }
}

void check_clock(Findings& findings, Connection& connection) {
  constexpr double noticed = 1;     // second
  constexpr double tolerated = 60;  // an access token may be issued so far ahead
  const auto before = now();
  const auto theirs = from_unix_micros(connection.run(read_clock)[0][0].as<std::int64_t>());
  const auto ours = before + (now() - before) / 2;
  const auto seconds = std::chrono::duration<double>{theirs - ours}.count();
  const auto off = std::abs(seconds);
  const auto state = off > tolerated ? State::bad : (off > noticed ? State::warning : State::good);
  findings.push_back(
      {"postgres.clock", state, fmt::format("{:+.3f} s to the clock of this machine", seconds)});
}

void check_schema(Findings& findings, Connection& connection, const ServerSettings& settings) {
  const auto state = read_schema_state(connection, postgres::read_schema(settings.migrations));
  if (state.is_damaged()) {
    findings.push_back({"postgres.schema", State::bad, "differs: `migrate verify` says how"});
  } else if (!state.made || state.is_pending()) {
    findings.push_back({"postgres.schema", State::bad, "`migrate plan` says what is missing"});
  } else {
    findings.push_back(
        {"postgres.schema", State::good,
         fmt::format("{} migrations, release {}", state.migrations.size(), state.release)});
  }
}

void check_roles(Findings& findings, Connection& connection, const ServerSettings& settings) {
  const auto row = connection.run(read_roles, settings.notify_role)[0];
  if (row[0].as<bool>()) {
    findings.push_back({"postgres.role", State::bad, "is privileged: use one that is not"});
  } else if (row[1].as<bool>()) {
    findings.push_back({"postgres.role", State::warning,
                        "owns the schema: the server should use another role than `migrate`"});
  } else {
    findings.push_back({"postgres.role", State::good, "owns nothing and has no privilege"});
  }
  const bool there = row[2].as<bool>();
  findings.push_back(
      {"postgres.notify_role", there ? State::good : State::warning,
       settings.notify_role + (there ? " is there" : " is not there: create it, and migrate")});
}

// Runs a check that may throw; what it throws is its finding.
template <class F>
void guarded(Findings& findings, const std::string& check, F run) {
  try {
    run();
  } catch (const Error& error) {
    const bool away = error.info().status == 503;
    findings.push_back({check, away ? State::unreachable : State::bad, error.what()});
  } catch (const nats::Failure& error) {
    findings.push_back({check, State::unreachable, error.what()});
  } catch (const http::Client::Failure& error) {
    findings.push_back({check, State::unreachable, error.what()});
  } catch (const std::exception& error) {
    findings.push_back({check, State::bad, error.what()});
  }
}

struct Endpoint {
  std::string host;
  std::string port;
};

Endpoint endpoint_of(std::string url) {
  if (const auto scheme = url.find("://"); scheme != std::string::npos) url.erase(0, scheme + 3);
  if (const auto at = url.rfind('@'); at != std::string::npos) url.erase(0, at + 1);
  url = url.substr(0, url.find('/'));
  const auto colon = url.rfind(':');
  const bool has_port = colon != std::string::npos && url.find(']', colon) == std::string::npos;
  Endpoint found{url.substr(0, has_port ? colon : url.size()),
                 has_port ? url.substr(colon + 1) : "4222"};
  if (found.host.starts_with('[')) found.host = found.host.substr(1, found.host.size() - 2);
  return found;
}

// NATS greets each connection with a line "INFO {…}", before any TLS.
nlohmann::json greeting_of(const std::string& url) {
  const auto endpoint = endpoint_of(url);
  asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::seconds{3});
  stream.connect(endpoint.host, endpoint.port);
  std::string line;
  if (!std::getline(stream, line) || !line.starts_with("INFO ")) {
    throw Error{ErrorCode::nats_unavailable,
                fmt::format("NATS does not answer at {}:{}", endpoint.host, endpoint.port)};
  }
  return nlohmann::json::parse(line.substr(5));
}

void check_greeting(Findings& findings, const nlohmann::json& greeting) {
  const auto version = greeting.value("version", std::string{});
  const bool good = is_at_least(version, nats_version_min);
  findings.push_back({"nats.version", good ? State::good : State::warning,
                      good ? version
                           : fmt::format("{}: {} or later is needed, which syncs always", version,
                                         nats_version_min)});
  const bool has_streams = greeting.value("jetstream", false);
  findings.push_back({"nats.jetstream", has_streams ? State::good : State::bad,
                      has_streams ? "is enabled" : "is not enabled"});
}

// Of several servers one may be away.
void check_servers(Findings& findings, const std::string& urls) {
  std::vector<std::string> away;
  const auto servers = nats::servers_of(urls);
  for (const auto& server : servers) {
    try {
      check_greeting(findings, greeting_of(server));
    } catch (const Error& error) {
      away.emplace_back(error.what());
    }
  }
  if (away.size() == servers.size()) throw Error{ErrorCode::nats_unavailable, away.front()};
  for (const auto& text : away) findings.push_back({"nats.servers", State::warning, text});
}

void check_stream(Findings& findings, const ServerSettings& settings) {
  nats::Connection connection{nats::named(settings.nats, "doctor")};
  nats::JetStream stream{connection};
  const auto state = stream.find_state();
  const auto detail = state ? fmt::format("{} messages, {} to {}", state->messages,
                                          state->first_seq, state->last_seq)
                            : std::string{"is not there: the relay makes it with the first event"};
  findings.push_back({"nats.stream", state ? State::good : State::warning, detail});
}

void check_sync(Findings& findings, const std::string& monitor_url) {
  if (monitor_url.empty()) {
    findings.push_back(
        {"nats.sync", State::unknown, "not asked: --nats-monitor names NATS' monitoring"});
    return;
  }
  http::Client client;
  const auto response = client.send({"GET", monitor_url + "/varz", {}, {}});
  const auto varz = nlohmann::json::parse(response.body, nullptr, false);
  const nlohmann::json::json_pointer always{"/jetstream/config/sync_always"};
  const bool syncs = varz.is_object() && varz.contains(always) && varz.at(always) == true;
  findings.push_back({"nats.sync", syncs ? State::good : State::bad,
                      syncs ? "always" : "not always: a power failure loses acknowledged events"});
}

}  // namespace

bool is_at_least(const std::string& version, const std::string& wanted) {
  const auto numbers = [](const std::string& text) {
    std::array<int, 3> parts{};
    const auto* at = text.data();
    const auto* end = at + text.size();
    for (auto& part : parts) {
      const auto [rest, error] = std::from_chars(at, end, part);
      if (error != std::errc{}) break;
      at = rest;
      if (at == end || *at != '.') break;
      ++at;
    }
    return parts;
  };
  return numbers(version) >= numbers(wanted);
}

void check_postgres(Findings& findings, const ServerSettings& settings) {
  Connection connection{settings.database_url, "-c statement_timeout=10000"};
  const auto before = findings.size();
  guarded(findings, "postgres.reachable", [&] { check_durability(findings, connection); });
  if (findings.size() > before && findings.back().state == State::unreachable) return;
  guarded(findings, "postgres.clock", [&] { check_clock(findings, connection); });
  guarded(findings, "postgres.schema", [&] { check_schema(findings, connection, settings); });
  guarded(findings, "postgres.role", [&] { check_roles(findings, connection, settings); });
}

void check_nats(Findings& findings, const ServerSettings& settings,
                const std::string& monitor_url) {
  const auto before = findings.size();
  guarded(findings, "nats.version", [&] { check_servers(findings, settings.nats.url); });
  if (findings.size() > before && findings.back().state == State::unreachable) return;
  guarded(findings, "nats.stream", [&] { check_stream(findings, settings); });
  guarded(findings, "nats.sync", [&] { check_sync(findings, monitor_url); });
}

void check_search(Findings& findings, const ServerSettings& settings) {
  guarded(findings, "search.index", [&] {
    asio::io_context io;
    postgres::Database database{{settings.database_url, "-c statement_timeout=10000", 1, 16}};
    const auto index = make_index(settings, database);
    const Executor strand{io.get_executor()};
    auto checked = asio::co_spawn(strand, index->check(), asio::use_future);
    io.run();
    checked.get();
    findings.push_back({"search.index", State::good, settings.search_provider + " answers"});
  });
}

}  // namespace fechatter::server
