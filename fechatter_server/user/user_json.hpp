#pragma once

#include <optional>
#include <string_view>

#include "fechatter_core/model/user.hpp"
#include "fechatter_server/json_writer.hpp"

// A user as the API spells it.
namespace fechatter::server {

const char* api_name(UserStatus status);
std::optional<UserStatus> find_user_status(std::string_view api_name);

void write_json(JsonWriter& out, const User& user);
// The bytes of that JSON, or up to 200 more.
std::size_t json_size(const User& user);

}  // namespace fechatter::server
