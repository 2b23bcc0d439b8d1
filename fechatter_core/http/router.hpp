#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/client_address.hpp"
#include "fechatter_core/http/cors.hpp"
#include "fechatter_core/http/rate_limits.hpp"
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
  Rate rate = Rate::by_access;
};

// What stands around the routes. Any thread; copies share the limits.
struct Edge {
  Cors cors;
  TrustedProxies proxies;
  std::shared_ptr<RateLimits> limits;  // null: none
};

// Finds the route, checks the rates and the token, runs the handler, and holds the one `catch` of
// the process: an Error becomes problem+json by its table, anything else a 500 that says nothing of
// the inside and is logged with the request id. Immutable once built, so any thread may call it.
class Router {
 public:
  // Verifies a token and returns who it stands for; throws Error (unauthenticated, …). Called on an
  // I/O thread: must not block.
  using Authenticate = std::function<auth::Identity(std::string_view token)>;

  // Throws std::invalid_argument when two routes have the same method and path, or when one path
  // has two names for a parameter.
  Router(std::vector<Route> routes, Authenticate authenticate, Edge edge = {});

  // Decodes the path, segment by segment, so that an encoded slash separates nothing: malformed
  // encoding, a NUL or no UTF-8 is 400. A literal segment goes before a "{name}", which stands for
  // neither nothing nor ".", ".." nor a text with a slash in it. An unknown path is 404, a known
  // path with another method 405 with `Allow`, OPTIONS on a known path 204 with `Allow`, and, when
  // an allowed origin asks, with what a preflight wants to know. HEAD is served by the GET route
  // (Session leaves the body out). A request beyond its rate is 429: an address's before the token
  // is looked at, a user's after it; whatever was limited says so in the answer's headers. Never
  // throws. The router and the request outlive it.
  awaitable<Response> handle(Request& request) const;

  const std::vector<Route>& routes() const { return routes_; }
  const Edge& edge() const { return edge_; }

 private:
  // The routes of one path, as indices into routes_.
  struct Path {
    std::vector<std::string> segments;
    std::vector<std::size_t> routes;
  };

  awaitable<Response> dispatch(Request& request, RateReport& rates) const;
  void admit(const Route& route, Request& request, RateReport& rates) const;
  Response options(const Request& request, const Path& path) const;
  const Path* find_path(const std::vector<std::string>& segments) const;
  const Route* find_route(const Path& path, Method method) const;
  std::string allowed_methods(const Path& path) const;

  std::vector<Route> routes_;
  std::vector<Path> paths_;  // those with literal segments before those with a "{name}" there
  Authenticate authenticate_;
  Edge edge_;
};

}  // namespace fechatter::http
