#pragma once

#include <exception>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/log_fields.hpp"

namespace fechatter::http {

// What a client receives for an exception: an Error becomes problem+json by its table; anything
// else is a 500 that names nothing of the inside. A status from 500 on is logged with the request
// id. Any thread.
Response failure_response(std::exception_ptr failure, const Request& request);

// The path for a log line: without the secret that a parameter {token} holds. It is decoded, and
// line breaks in it would forge lines.
std::string printable_path(const Request& request);

// What every line of the log about a request has as fields: the ids of the request, of its trace
// and of its caller, as far as they are known, and the method.
void add_log_fields(LogFields& fields, const Request& request);

}  // namespace fechatter::http
