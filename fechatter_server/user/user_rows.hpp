#pragma once

#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "fechatter_core/model/user.hpp"

namespace fechatter::server {

UserStatus to_user_status(std::string_view text);
const char* sql_name(UserStatus status);

// Of the columns workspace_id, fullname, email, status, role, avatar_url, title, bio, each with the
// prefix; without id and created_at, which session_rows names differently.
User to_profile(const pqxx::row& row, const std::string& prefix = {});
// The same, with the columns id and created_at.
User to_user(const pqxx::row& row, const std::string& prefix = {});

}  // namespace fechatter::server
