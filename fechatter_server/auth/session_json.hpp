#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/account.hpp"

namespace fechatter::server {

// What sign-up, sign-in and refresh answer.
nlohmann::json to_json(const AuthTokens& tokens);

}  // namespace fechatter::server
