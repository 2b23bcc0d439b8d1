#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fechatter_core/model/account.hpp"
#include "fechatter_core/text/email.hpp"

// What commands are told of accounts, by the rules of the API.
namespace fechatter::server {

// A new account: fullname, email, workspace, password. Throws invalid_fields that names each field
// which is refused.
SignUpDraft read_account(nlohmann::json fields);

// Throws invalid_fields for what is no address.
EmailAddress read_email(const std::string& typed);

}  // namespace fechatter::server
