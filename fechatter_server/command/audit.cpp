#include "fechatter_server/command/audit.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {
namespace {

constexpr postgres::Statement add_audit_row{"add_audit", "SELECT add_audit($1, $2, $3, $4, $5)"};

std::string account_of_machine() {
  if (const char* sudo = std::getenv("SUDO_USER"); sudo != nullptr && *sudo != '\0') return sudo;
  const auto* entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

}  // namespace

std::string operator_name() {
  return "operator " + account_of_machine();
}

std::string new_request_id() {
  constexpr std::size_t random_part = 12;
  return auth::base64url_encode(auth::random_bytes(random_part));
}

void add_audit(const ServerSettings& settings, const CommandInput& input, const std::string& action,
               std::optional<std::int64_t> workspace) {
  const auto target = workspace ? "workspace " + std::to_string(*workspace) : "installation";
  postgres::Connection connection{owner_url(settings)};
  connection.run(add_audit_row, workspace, input.actor, action, target, input.request_id);
}

}  // namespace fechatter::server
