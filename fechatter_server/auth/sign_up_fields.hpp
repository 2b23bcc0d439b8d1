#pragma once

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/model/account.hpp"

namespace fechatter::server {

// The fields of a sign-up, with the names of older clients: one set of rules for the API and for
// the operator's command. The workspace is required without an invitation. fields.check() throws.
SignUpDraft read_sign_up(http::JsonFields& fields);

}  // namespace fechatter::server
