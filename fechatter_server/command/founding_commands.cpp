#include "fechatter_server/command/founding_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "fechatter_core/auth/token_text.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_server/auth/password_rules.hpp"
#include "fechatter_server/auth/sign_up_fields.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/command/account_fields.hpp"
#include "fechatter_server/command/password_input.hpp"

namespace fechatter::server {
namespace {

// With its row of audit_log, when it is made.
constexpr postgres::Statement create_owner_statement{"create_owner", R"(
WITH made AS MATERIALIZED (
  SELECT create_owner($1, $2, $3, $4, $5, $6, $7, $8, $9) AS outcome
)
SELECT outcome, CASE outcome WHEN 'created' THEN audit_founding($4, $6, $10, $11) END
FROM made)"};

constexpr postgres::Statement make_token_statement{"make_founding_token",
                                                   "SELECT make_founding_token($1, $2)"};

struct OwnerArguments {
  std::string workspace;
  std::string email;
  std::string fullname;
};

int create_owner(const CommandInput& input, const OwnerArguments& owner) {
  const auto settings = input.settings();
  const auto draft = read_account({{"fullname", owner.fullname},
                                   {"email", owner.email},
                                   {"workspace", owner.workspace},
                                   {"password", ask_for_password("the owner")}});
  const auto& fullname = draft.fullname.text;
  const auto& email = draft.email;
  const auto& workspace = draft.workspace.value();
  postgres::Connection connection{settings.database_url};
  const auto rows =
      connection.run(create_owner_statement, fullname, email.text,
                     hash_password(settings.passwords, draft.password), workspace.text, email.key,
                     workspace.key, name_search_keys(fullname), email_search_keys(email.text),
                     draft.fullname.key, input.actor, input.request_id);
  const std::string outcome{rows[0][0].c_str()};
  if (outcome == "workspace_taken") throw invalid_field("workspace", "exists already");
  if (outcome == "email_taken") throw invalid_field("email", "has an account already");
  if (outcome != "created") throw_unknown("create_owner outcome", outcome);
  print_report(
      input,
      {{"workspace", workspace.text}, {"email", email.text}, {"request_id", input.request_id}},
      fmt::format("Workspace \"{}\" is made. Its owner signs in as {}.\n", workspace.text,
                  email.text));
  return exit_code::done;
}

}  // namespace

void add_create_owner(CommandTable& table, CLI::App& admin) {
  const auto owner = std::make_shared<OwnerArguments>();
  auto& command =
      table.add(admin, "create-owner", "Make a workspace and its owner; stdin has the password",
                [owner](const CommandInput& input) { return create_owner(input, *owner); });
  command.add_option("--workspace", owner->workspace, "Its name")->required();
  command.add_option("--email", owner->email, "The owner's address")->required();
  command.add_option("--fullname", owner->fullname, "The owner's name")->required();
}

void print_founding_token(const ServerSettings& settings, const std::string& database_url,
                          bool to_stderr) {
  const auto& auth = settings.auth;
  if (auth.sign_up.founding != Founding::invitation) return;
  const auto token = auth::new_token();
  postgres::Connection connection{database_url};
  const auto rows =
      connection.run(make_token_statement, auth::hash_of(token), auth.invitation_life.count());
  if (!rows[0][0].as<bool>()) return;
  auto* const stream = to_stderr ? stderr : stdout;
  fmt::print(
      stream,
      "There is no workspace yet. This token founds the first one, once, within {} h, as the\n"
      "`invitation` of POST /api/signup; it is not shown again:\n\n  {}\n\n",
      std::chrono::ceil<std::chrono::hours>(auth.invitation_life).count(), token);
  std::fflush(stream);
}

}  // namespace fechatter::server
