#pragma once

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/routes.hpp"

// What older clients call things: all of it deprecated, all of it here and nowhere else.
namespace fechatter::server {

// Deprecated paths and methods; their answers say `Deprecation: true`.
std::span<const RouteRow> alias_table();

// Deprecated names of fields in a request's body. Call it before reading the fields.
void accept_older_names(http::JsonFields& fields);

// What the query may call the message that a page lies before: the present name first.
inline constexpr const char* before_names[] = {"before", "last_id", "before_id"};

}  // namespace fechatter::server
