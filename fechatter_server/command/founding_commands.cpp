#include "fechatter_server/auth/founding_commands.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <iostream>

#include "fechatter_core/auth/token_text.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_core/utf8.hpp"
#include "fechatter_server/auth/password_rules.hpp"
#include "fechatter_server/auth/sign_up_fields.hpp"
#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement create_owner_statement{"create_owner",
                                       "SELECT create_owner($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

const Statement make_token_statement{"make_founding_token", "SELECT make_founding_token($1, $2)"};

constexpr int refused = 1;

// During its life a terminal shows nothing of what is typed.
class NoEcho {
 public:
  NoEcho() : on_terminal_{tcgetattr(STDIN_FILENO, &before_) == 0} {
    if (!on_terminal_) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (on_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  bool on_terminal() const { return on_terminal_; }

 private:
  termios before_{};
  const bool on_terminal_;
};

std::string read_line() {
  std::string line;
  std::getline(std::cin, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// Twice from a terminal: a mistyped password would lock the owner out.
std::string ask_for_password() {
  const NoEcho silent;
  if (!silent.on_terminal()) return read_line();
  fmt::print(stderr, "Password of the owner: ");
  auto password = read_line();
  fmt::print(stderr, "\nOnce more: ");
  const bool same = read_line() == password;
  fmt::print(stderr, "\n");
  if (!same) throw invalid_field("password", "was not the same the second time");
  return password;
}

SignUpDraft read_draft(const OwnerArguments& owner) {
  nlohmann::json body{{"fullname", owner.fullname},
                      {"email", owner.email},
                      {"workspace", owner.workspace},
                      {"password", ask_for_password()}};
  for (const auto& [name, value] : body.items()) {
    const auto* text = value.get_ptr<const std::string*>();
    if (!is_utf8(*text)) throw invalid_field(name, "must be UTF-8");
  }
  http::JsonFields fields{std::move(body)};
  auto draft = read_sign_up(fields, WorkspaceName::required);
  fields.check();
  check_new_password(draft, {});
  return draft;
}

std::string hashed(const PasswordSettings& settings, std::string password) {
  asio::io_context io;
  PasswordHasher passwords{settings};  // its threads end before the context does
  const Executor strand{io.get_executor()};
  auto hash =
      asio::co_spawn(strand, passwords.hash(std::move(password), HashTurn{}), asio::use_future);
  io.run();
  return hash.get();
}

void create(const ServerSettings& settings, const SignUpDraft& draft) {
  const auto& fullname = draft.fullname.text;
  const auto& email = draft.email;
  const auto& workspace = draft.workspace.value();
  Connection connection{settings.database_url};
  const auto rows = connection.run(create_owner_statement, fullname, email.text,
                                   hashed(settings.passwords, draft.password), workspace.text,
                                   email.key, workspace.key, name_search_keys(fullname),
                                   email_search_keys(email.text), draft.fullname.key);
  const std::string_view outcome{rows[0][0].c_str()};
  if (outcome == "workspace_taken") throw invalid_field("workspace", "exists already");
  if (outcome == "email_taken") throw invalid_field("email", "has an account already");
  if (outcome != "created") throw_unknown("create_owner outcome", outcome);
}

}  // namespace

int create_owner(const ServerSettings& settings, const OwnerArguments& owner) {
  try {
    const auto draft = read_draft(owner);
    create(settings, draft);
    fmt::print("Workspace \"{}\" is made. Its owner signs in as {}.\n",
               draft.workspace.value().text, draft.email.text);
    return 0;
  } catch (const Error& error) {
    if (error.fields().empty()) throw;
    for (const auto& [field, detail] : error.fields()) {
      fmt::print(stderr, "{}: {}\n", field, detail);
    }
    return refused;
  }
}

void print_founding_token(const ServerSettings& settings, const std::string& database_url) {
  const auto& auth = settings.auth;
  if (auth.sign_up.founding != Founding::invitation) return;
  const auto token = auth::new_token();
  Connection connection{database_url};
  const auto rows =
      connection.run(make_token_statement, auth::hash_of(token), auth.invitation_life.count());
  if (!rows[0][0].as<bool>()) return;
  fmt::print(
      "There is no workspace yet. This token founds the first one, once, within {} h, as the\n"
      "`invitation` of POST /api/signup; it is not shown again:\n\n  {}\n\n",
      std::chrono::ceil<std::chrono::hours>(auth.invitation_life).count(), token);
  std::fflush(stdout);
}

}  // namespace fechatter::server
