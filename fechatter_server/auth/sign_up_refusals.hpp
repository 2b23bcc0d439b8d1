#pragma once

#include <string_view>

#include "fechatter_core/error.hpp"
#include "fechatter_core/repository/user_repository.hpp"

// Why a sign-up is refused, in one place for the service and the repository.
namespace fechatter::server {

Error invalid_invitation();
Error invitation_required(SignUpRules rules);
// By the outcome of the SQL function sign_up. Throws std::runtime_error for an unknown one.
Error sign_up_refusal(std::string_view outcome, SignUpRules rules);

}  // namespace fechatter::server
