#pragma once

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/routes.hpp"

// The deprecated names of older clients. No other file has any.
namespace fechatter::server {

// Deprecated paths and methods; their responses have the header `Deprecation: true`.
std::span<const RouteRow> alias_table();

// Accepts deprecated names of fields of a request's body. Call it before reading the fields.
void accept_older_names(http::JsonFields& fields);

// The current name of an order of search hits; any other text as it is.
std::string_view current_sort_name(std::string_view sent);

// The object of an answer with `success: true` and, as `data`, with itself, for older clients.
// REQUIRES: text without white space; it has neither field.
std::string in_older_envelope(std::string_view object);

// The names of the query parameter `before`; the current one first.
inline constexpr const char* before_names[] = {"before", "last_id", "before_id"};

}  // namespace fechatter::server
