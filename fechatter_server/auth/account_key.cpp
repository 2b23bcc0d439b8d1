#include "fechatter_server/auth/account_key.hpp"

#include "fechatter_core/error.hpp"
#include "fechatter_core/text/email.hpp"

namespace fechatter::server {

std::optional<std::string> account_key(const http::Request& request) {
  if (request.caller) return email_key(request.caller->email);
  try {
    const auto body = request.json_body();
    const auto email = body.find("email");
    if (email == body.end() || !email->is_string()) return std::nullopt;
    return email_key(email->get<std::string>());
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::server
