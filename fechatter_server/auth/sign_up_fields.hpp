#pragma once

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/model/account.hpp"

namespace fechatter::server {

// Whether a sign-up without an invitation has to name a workspace; else it founds one that is named
// after the person.
enum class WorkspaceName { required, optional };

// The fields of a sign-up, with the names of older clients: one set of rules for the API and for
// the operator's command. fields.check() throws.
SignUpDraft read_sign_up(http::JsonFields& fields, WorkspaceName workspace);

// `fullname`, cut to what the name of a workspace may have, with the number behind it from 2 on.
// REQUIRES: 1 <= number < 10'000'000.
Name workspace_named_after(const Name& fullname, int number);

}  // namespace fechatter::server
