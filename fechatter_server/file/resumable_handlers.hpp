#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

// The tus protocol (fechatter_core/file/tus_headers.hpp) over ResumableUploads.
awaitable<http::Response> create_resumable(const http::Request& request, App& app);
awaitable<http::Response> describe_resumables(const http::Request& request, App& app);
awaitable<http::Response> get_resumable(const http::Request& request, App& app);
awaitable<http::Response> append_to_resumable(const http::Request& request, App& app);
// For clients that can send GET and POST only: X-HTTP-Method-Override says what is meant.
awaitable<http::Response> override_resumable(const http::Request& request, App& app);
awaitable<http::Response> remove_resumable(const http::Request& request, App& app);

// Of each answer of these routes.
std::vector<std::pair<std::string, std::string>> tus_answer_headers();

}  // namespace fechatter::server
