#pragma once

#include <vector>

#include "fechatter_core/http/router.hpp"

namespace fechatter::server {

class App;

// The site map: every path the server answers.
std::vector<http::Route> make_routes(App& app);

}  // namespace fechatter::server
