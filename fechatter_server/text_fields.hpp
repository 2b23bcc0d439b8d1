#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/text/email.hpp"
#include "fechatter_core/text/name.hpp"

// Fields of a body that fechatter_core/text/ normalises. A text that it refuses is rejected in
// `fields` and read as an empty one; fields.check() throws.
namespace fechatter::server {

// Of a text as typed: the limits count characters as stored, and a body has a limit of its own.
inline constexpr http::Length typed_length{0, std::numeric_limits<std::size_t>::max()};

inline constexpr std::size_t workspace_name_length_max = 32;  // characters, as stored
inline constexpr std::size_t fullname_length_max = 50;

// `length_max` counts characters as stored.
Name name_field(http::JsonFields& fields, std::string_view field, std::size_t length_max);
std::optional<Name> find_name_field(http::JsonFields& fields, std::string_view field,
                                    std::size_t length_max);
EmailAddress email_field(http::JsonFields& fields, std::string_view field);
std::optional<EmailAddress> find_email_field(http::JsonFields& fields, std::string_view field);

inline constexpr std::size_t password_length_min = 8;  // characters, as hashed
inline constexpr std::size_t password_length_max = 128;
inline constexpr std::size_t typed_password_length_max = 4 * password_length_max;

// A password to set, in the form in which it is hashed.
std::string new_password_field(http::JsonFields& fields, std::string_view field);

}  // namespace fechatter::server
