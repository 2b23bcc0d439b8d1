#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> upload_files(const http::Request& request, App& app);
awaitable<http::Response> upload_file(const http::Request& request, App& app);
awaitable<http::Response> sign_file_urls(const http::Request& request, App& app);
awaitable<http::Response> get_file(const http::Request& request, App& app);
awaitable<http::Response> download_file(const http::Request& request, App& app);

}  // namespace fechatter::server
