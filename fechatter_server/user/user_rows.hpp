#pragma once

#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "fechatter_core/model/user.hpp"

namespace fechatter::server {

UserStatus to_user_status(std::string_view text);
const char* sql_name(UserStatus status);

// Where a result has the columns of user_rows, each with the prefix; as MessageColumns.
struct ProfileColumns {
  explicit ProfileColumns(const pqxx::row& row, const std::string& prefix = {});

  using Number = pqxx::row_size_type;
  const Number workspace_id, fullname, email, status, role, avatar_url, title, bio;
};
struct UserColumns : ProfileColumns {
  explicit UserColumns(const pqxx::row& row, const std::string& prefix = {});

  const Number id, created_at;
};

// Without id and created_at, which session_rows names differently.
User to_profile(const pqxx::row& row, const ProfileColumns& columns);
User to_user(const pqxx::row& row, const UserColumns& columns);
User to_user(const pqxx::row& row);

}  // namespace fechatter::server
