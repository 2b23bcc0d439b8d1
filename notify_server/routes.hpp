#pragma once

#include <vector>

#include "fechatter_core/http/router.hpp"

namespace fechatter::notify {

class App;

// The site map: every path notify_server answers.
std::vector<http::Route> make_routes(App& app);

}  // namespace fechatter::notify
