#include "fechatter_server/command/account_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_core/utf8.hpp"
#include "fechatter_server/auth/password_rules.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/command/account_fields.hpp"
#include "fechatter_server/command/password_input.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;

constexpr Statement create_user_statement{
    "operator_create_user",
    "SELECT outcome, person FROM "
    "operator_create_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
constexpr Statement find_account_statement{
    "find_account",
    "SELECT u.id, u.fullname, u.email, w.name FROM users u "
    "JOIN workspaces w ON w.id = u.workspace_id WHERE u.email_key = $1"};
constexpr Statement set_password_statement{
    "operator_set_password",
    "SELECT person, cardinality(ended) FROM operator_set_password($1, $2, $3, $4)"};
constexpr Statement set_member_statement{"operator_set_member",
                                         "SELECT outcome, person, coalesce(cardinality(ended), 0) "
                                         "FROM operator_set_member($1, $2, $3, $4, $5, $6)"};

struct UserArguments {
  std::string workspace;
  std::string email;
  std::string fullname;
  std::string role = "member";
};

int create_user(const CommandInput& input, const UserArguments& user) {
  const auto settings = input.settings();
  const auto draft = read_account({{"fullname", user.fullname},
                                   {"email", user.email},
                                   {"workspace", user.workspace},
                                   {"password", ask_for_password("the user")}});
  const auto& fullname = draft.fullname;
  const auto& email = draft.email;
  postgres::Connection connection{owner_url(settings)};
  const auto rows = connection.run(
      create_user_statement, draft.workspace.value().key, fullname.text, email.text,
      hash_password(settings.passwords, draft.password), email.key, name_search_keys(fullname.text),
      email_search_keys(email.text), fullname.key, user.role, input.actor, input.request_id);
  const std::string outcome{rows[0][0].c_str()};
  if (outcome == "no_workspace") throw invalid_field("workspace", "does not exist");
  if (outcome == "email_taken") throw invalid_field("email", "has an account already");
  const auto id = rows[0][1].as<std::int64_t>();
  print_report(
      input,
      {{"user", id}, {"email", email.text}, {"role", user.role}, {"request_id", input.request_id}},
      fmt::format("User {} is made and signs in as {}.\n", id, email.text));
  return exit_code::done;
}

// The new password by the rules of the API, which need to know whose it is.
std::string ask_for_new_password(const pqxx::row& account) {
  const auto typed = ask_for_password(account[2].c_str());
  if (!is_utf8(typed)) throw invalid_field("password", "must be UTF-8");
  http::JsonFields fields{nlohmann::json{{"password", typed}}};
  auto password = new_password_field(fields, "password");
  fields.check();
  check_new_password("password", password,
                     {account[1].c_str(), account[2].c_str(), account[3].c_str()});
  return password;
}

Error no_account() {
  return invalid_field("email", "has no account");
}

int reset_password(const CommandInput& input, const std::string& typed_email) {
  const auto settings = input.settings();
  const auto email = read_email(typed_email);
  postgres::Connection connection{owner_url(settings)};
  const auto found = connection.run(find_account_statement, email.key);
  if (found.empty()) throw no_account();
  const auto rows =
      connection.run(set_password_statement, email.key,
                     hash_password(settings.passwords, ask_for_new_password(found[0])), input.actor,
                     input.request_id);
  if (rows[0][0].is_null()) throw no_account();
  const auto id = rows[0][0].as<std::int64_t>();
  const auto ended = rows[0][1].as<int>();
  print_report(input, {{"user", id}, {"sessions_ended", ended}, {"request_id", input.request_id}},
               fmt::format("User {} has the new password; sessions ended: {}.\n", id, ended));
  return exit_code::done;
}

struct MemberChange {
  std::string action;                 // for audit_log
  std::optional<std::string> role;    // unset: stays
  std::optional<std::string> status;  // in SQL's terms
};

void throw_member_refusal(const std::string& outcome) {
  if (outcome == "no_user") throw no_account();
  if (outcome == "is_owner") {
    throw invalid_field("email", "is the workspace's owner: promote another user to owner first");
  }
  if (outcome == "suspended") throw invalid_field("email", "is suspended: resume the user first");
  if (outcome != "done") throw_unknown("operator_set_member outcome", outcome);
}

int change_member(const CommandInput& input, const std::string& typed_email,
                  const MemberChange& change) {
  const auto settings = input.settings();
  const auto email = read_email(typed_email);
  postgres::Connection connection{owner_url(settings)};
  const auto rows = connection.run(set_member_statement, email.key, change.role, change.status,
                                   change.action, input.actor, input.request_id);
  throw_member_refusal(rows[0][0].c_str());
  const auto id = rows[0][1].as<std::int64_t>();
  const auto ended = rows[0][2].as<int>();
  print_report(input,
               {{"user", id},
                {"action", change.action},
                {"sessions_ended", ended},
                {"request_id", input.request_id}},
               fmt::format("User {}: {}; sessions ended: {}.\n", id, change.action, ended));
  return exit_code::done;
}

CLI::App& add_by_email(CommandTable& table, CLI::App& admin, const std::string& name,
                       const std::string& description,
                       const std::function<int(const CommandInput&, const std::string&)>& run) {
  const auto email = std::make_shared<std::string>();
  auto& command = table.add(admin, name, description,
                            [email, run](const CommandInput& input) { return run(input, *email); });
  command.add_option("--email", *email, "The user's address")->required();
  return command;
}

void add_create_user(CommandTable& table, CLI::App& admin) {
  const auto user = std::make_shared<UserArguments>();
  auto& command =
      table.add(admin, "create-user", "Make a user of a workspace; stdin has the password",
                [user](const CommandInput& input) { return create_user(input, *user); });
  command.add_option("--workspace", user->workspace, "The workspace's name")->required();
  command.add_option("--email", user->email, "The user's address")->required();
  command.add_option("--fullname", user->fullname, "The user's name")->required();
  command.add_option("--role", user->role, "member (the default) or admin")
      ->check(CLI::IsMember({"member", "admin"}));
}

}  // namespace

void add_account_commands(CommandTable& table, CLI::App& admin) {
  add_create_user(table, admin);
  add_by_email(table, admin, "reset-password",
               "Set a password and end all sessions of its user; stdin has the password",
               reset_password);
  add_by_email(table, admin, "suspend",
               "Let a user do nothing any more: ends the sessions, hands on the chats",
               [](const CommandInput& input, const std::string& email) {
                 return change_member(input, email, {"user.suspend", {}, "suspended"});
               });
  add_by_email(table, admin, "resume", "Let a suspended user in again",
               [](const CommandInput& input, const std::string& email) {
                 return change_member(input, email, {"user.resume", {}, "active"});
               });
  const auto role = std::make_shared<std::string>();
  add_by_email(table, admin, "promote",
               "Give a user a role; the former owner of the workspace becomes an admin",
               [role](const CommandInput& input, const std::string& email) {
                 return change_member(input, email, {"user.promote", *role, {}});
               })
      .add_option("--role", *role, "owner, admin or member")
      ->required()
      ->check(CLI::IsMember({"owner", "admin", "member"}));
}

}  // namespace fechatter::server
