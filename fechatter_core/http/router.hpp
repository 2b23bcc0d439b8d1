#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

enum class Access {
  anyone,
  signed_in,  // a good access token in `Authorization: Bearer`
};

struct Route {
  Method method;
  std::string_view path;  // a literal; "{name}" stands for one segment
  Access access;
  std::function<awaitable<Response>(const Request&)> handler;
};

// Finds the route, checks the token, runs the handler, and holds the one `catch` of the process: an
// Error becomes problem+json by its table, anything else a 500 that says nothing of the inside and is
// logged with the request id. Immutable once built, so any thread may call it.
class Router {
 public:
  // Verifies a token and returns who it stands for; throws Error (unauthenticated, …). Called on an
  // I/O thread: must not block.
  using Authenticate = std::function<auth::Identity(std::string_view token)>;

  Router(std::vector<Route> routes, Authenticate authenticate);

  // Never throws. HEAD is served by the GET route (Session leaves the body out). An unknown path is
  // 404, a known path with another method 405 with `Allow`, OPTIONS on a known path 204 with `Allow`.
  awaitable<Response> handle(Request& request) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  awaitable<Response> dispatch(Request& request) const;

  std::vector<Route> routes_;
  Authenticate authenticate_;
};

}  // namespace fechatter::http
