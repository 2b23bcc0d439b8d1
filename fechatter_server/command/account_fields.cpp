#include "fechatter_server/command/account_fields.hpp"

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/utf8.hpp"
#include "fechatter_server/auth/password_rules.hpp"
#include "fechatter_server/auth/sign_up_fields.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

// Arguments are bytes; JSON has no others than UTF-8.
void require_utf8(const nlohmann::json& fields) {
  for (const auto& [name, value] : fields.items()) {
    const auto* text = value.get_ptr<const std::string*>();
    if (!is_utf8(*text)) throw invalid_field(name, "must be UTF-8");
  }
}

}  // namespace

SignUpDraft read_account(nlohmann::json fields) {
  require_utf8(fields);
  http::JsonFields reader{std::move(fields)};
  auto draft = read_sign_up(reader, WorkspaceName::required);
  reader.check();
  check_new_password(draft, {});
  return draft;
}

EmailAddress read_email(const std::string& typed) {
  nlohmann::json fields{{"email", typed}};
  require_utf8(fields);
  http::JsonFields reader{std::move(fields)};
  auto email = email_field(reader, "email");
  reader.check();
  return email;
}

}  // namespace fechatter::server
