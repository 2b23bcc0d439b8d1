#pragma once

#include <string>
#include <string_view>

#include "fechatter_server/auth/password_hasher.hpp"

// Passwords that commands are given: never an argument, which every process of the machine can
// read.
namespace fechatter::server {

// The first line of stdin. A terminal is asked for it twice, without echo: a mistyped password
// would lock its user out. `of`: "the owner". Throws invalid_fields when the two differ.
std::string ask_for_password(std::string_view of);

// The hash that is stored. Takes as long as a sign-in.
std::string hash_password(const PasswordSettings& settings, std::string password);

}  // namespace fechatter::server
