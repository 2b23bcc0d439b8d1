#include "fechatter_server/command/session_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/command/account_fields.hpp"
#include "fechatter_server/command/text_table.hpp"

namespace fechatter::server {
namespace {

// The newest ones; each refresh makes a token. No row: no account; a row without a session: none.
constexpr postgres::Statement list_sessions{"operator_list_sessions", R"(
SELECT u.id AS person, s.id, rfc3339(s.created_at), rfc3339(s.expires_at), rfc3339(s.used_at)
FROM users u LEFT JOIN LATERAL (
  SELECT x.id, x.created_at, x.expires_at,
         (SELECT max(t.created_at) FROM refresh_tokens t WHERE t.session_id = x.id) AS used_at
  FROM sessions x
  WHERE x.user_id = u.id AND x.revoked_at IS NULL AND x.expires_at > clock_timestamp()
  ORDER BY x.id DESC LIMIT $2) s ON true
WHERE u.email_key = $1 ORDER BY s.id)"};

constexpr postgres::Statement end_sessions{
    "operator_end_sessions",
    "SELECT person, array_to_json(ended)::text FROM operator_end_sessions($1, $2, $3, $4)"};

constexpr int sessions_shown_max = 1000;

struct SessionArguments {
  std::string email;
  std::int64_t session = 0;
};

int list_open_sessions(const CommandInput& input, const SessionArguments& arguments) {
  const auto settings = input.settings();
  postgres::Connection connection{settings.database_url};
  const auto rows =
      connection.run(list_sessions, read_email(arguments.email).key, sessions_shown_max);
  if (rows.empty()) throw invalid_field("email", "has no account");
  auto sessions = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines{{"session", "signed in", "last refreshed", "until"}};
  for (const auto& row : rows) {
    if (row[1].is_null()) continue;
    const auto used = row[4].is_null() ? std::string{} : std::string{row[4].c_str()};
    sessions.push_back({{"id", row[1].as<std::int64_t>()},
                        {"created_at", row[2].c_str()},
                        {"expires_at", row[3].c_str()},
                        {"refreshed_at", used}});
    lines.push_back({row[1].c_str(), row[2].c_str(), used, row[3].c_str()});
  }
  print_report(input, {{"user", rows[0][0].as<std::int64_t>()}, {"sessions", sessions}},
               text_table(lines));
  return exit_code::done;
}

int end_open_sessions(const CommandInput& input, const SessionArguments& arguments) {
  const auto settings = input.settings();
  const auto email = read_email(arguments.email);
  std::optional<std::int64_t> only;
  if (arguments.session > 0) only = arguments.session;
  postgres::Connection connection{owner_url(settings)};
  const auto rows = connection.run(end_sessions, email.key, only, input.actor, input.request_id);
  if (rows[0][0].is_null()) throw invalid_field("email", "has no account");
  const auto ended = to_numbers(rows[0][1]);
  print_report(
      input,
      {{"user", rows[0][0].as<std::int64_t>()}, {"ended", ended}, {"request_id", input.request_id}},
      fmt::format("Sessions ended: {}.\n", ended.size()));
  // A session that was named and is not there, or is over, is a mistake of the caller.
  return only && ended.empty() ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_session_commands(CommandTable& table, CLI::App& admin) {
  auto& group = *admin.add_subcommand("sessions", "The sessions of a user");
  group.require_subcommand(1);
  const auto arguments = std::make_shared<SessionArguments>();
  auto& listing = table.add(
      group, "list", "The open sessions of a user, 1,000 at most",
      [arguments](const CommandInput& input) { return list_open_sessions(input, *arguments); });
  auto& ending = table.add(
      group, "end", "End one session of a user, or all of them",
      [arguments](const CommandInput& input) { return end_open_sessions(input, *arguments); });
  for (auto* command : {&listing, &ending}) {
    command->add_option("--email", arguments->email, "The user's address")->required();
  }
  ending.add_option("--session", arguments->session, "Only this one (its id in `list`)")
      ->check(CLI::PositiveNumber);
}

}  // namespace fechatter::server
