#pragma once

#include "fechatter_core/http/rate_limits.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/model/password_client.hpp"

namespace fechatter::server {

class App;

// The client of a request to a route that asks for a password: its device by the cookie
// `__Host-device`. The request outlives the result.
PasswordClient password_client(const http::Request& request, App& app);

// How the limits read such requests. `devices` outlives the result.
http::PasswordTries password_tries(const auth::DeviceTokens& devices);

// Sets the cookie, for the life of device tokens.
void set_device_cookie(http::Response& response, const std::string& device_token, App& app);

}  // namespace fechatter::server
