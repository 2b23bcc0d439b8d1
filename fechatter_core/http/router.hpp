#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/http/body_policy.hpp"
#include "fechatter_core/http/client_address.hpp"
#include "fechatter_core/http/cors.hpp"
#include "fechatter_core/http/forwarding_notice.hpp"
#include "fechatter_core/http/path_index.hpp"
#include "fechatter_core/http/rate_limits.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/request_times.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/observability/tracer.hpp"
#include "fechatter_core/pace.hpp"

namespace fechatter::http {

enum class Access {
  anyone,
  signed_in,  // a valid access token in `Authorization: Bearer`
  linked,     // as signed_in; without that header, what Route::identify finds
};

struct Route {
  Method method;
  std::string_view path;  // a literal; "{name}" stands for one segment
  Access access;
  std::function<awaitable<Response>(const Request&)> handler;
  Rate rate = Rate::by_access;
  BodyPolicy body = {};
  // Of a linked route: the caller that something else in the head proves, such as a cookie that
  // opens this route alone, or a signed query; nullopt: nothing does. Throws Error. Must not block.
  std::function<std::optional<auth::Identity>(const Request&)> identify = {};
  // Of each answer of the route, refusals included.
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Set: the route has no path of its own, whatever `path` says, and serves GET and HEAD of those
  // that no route has and for which this is true. Such a path has no segment "..", and none with a
  // slash or a backslash in it. Must not block.
  std::function<bool(const Request&)> fallback_for = {};
};

// What applies to all routes of a server. Any thread; copies share the limits.
struct Edge {
  Cors cors;
  TrustedProxies proxies;
  InternalCallers internal;
  std::shared_ptr<RateLimits> limits;  // null: none
  std::string strict_transport;        // Strict-Transport-Security of answers by https; empty: none
  observability::TracerPtr tracer = nullptr;
  bool log_requests = false;  // at level info
  // Never null.
  std::shared_ptr<ForwardingNotice> forwarding = std::make_shared<ForwardingNotice>();

  // Whether the caller may read the details of /health.
  bool is_internal(const Request& request) const { return internal.contains(request, proxies); }
  // RateLimits::admit_verification, for the address of the client.
  void admit_verification(const Request& request, RateReport& report) const;
  // RateLimits::charge_failure, likewise.
  void charge_failure(const Request& request, RateReport& report) const;
};

// The decision on a head. Belongs to one request.
struct Admission {
  const Route* route = nullptr;  // null: the request ends with `response`, its body is not read
  Response response;
  RateReport rates;
  Pace pace;
};

// Serves a request in two phases. `admit` decides on the head: path, method, rate and token. Only
// then the session reads the body, by the policy of the route, and `handle` runs the handler. The
// router holds the one `catch` of the process: an Error becomes problem+json by its table, anything
// else a 500 that names nothing of the inside and is logged with the request id. Immutable once
// built; any thread.
class Router {
 public:
  // Verifies a token and returns the identity of its user; throws Error (unauthenticated, …). Calls
  // `before` unless it has verified the token before. Runs on an I/O thread: must not block.
  using Authenticate =
      std::function<auth::Identity(std::string_view token, const auth::BeforeVerifying& before)>;

  // Throws std::invalid_argument when two routes have the same method and path, or when one path
  // has two names for a parameter.
  Router(std::vector<Route> routes, Authenticate authenticate, Edge edge = {});

  // Decodes the path (PathIndex has the rules), sets path parameters and caller, and needs no body.
  // A malformed path is 400, an unknown one 404 unless a fallback serves it, a known path with
  // another method 405 with `Allow`; OPTIONS on a known path is 204 with `Allow`, and with the CORS
  // headers when an allowed origin asks, unless there is a route for it, which serves all but
  // preflights; a preflight of an unknown path is 204, too, with every method, so that the page can
  // read the 404. The GET route serves HEAD (Session omits the body). A request beyond its rate is
  // 429: the rate of an address is charged before the token is verified, that of a user after it.
  // So is a request that would be 401, while the address has failed too often; this holds for
  // `handle`, too. A body in a content coding is 415 where the route reads it. Never throws. The
  // router outlives the admission.
  Admission admit(Request& request) const;

  // Charges the rate of the account that the body names, unless the device is known to it; runs the
  // handler, that of a heavy reader in a slot (RateLimits::take_reading_slots) and at its pace. The
  // response names the rates that were charged, and, when it is no refusal, the query parameters
  // that the handler did not ask for (X-Ignored-Parameters) and a limit that was cut
  // (X-Limit-Applied). Never throws. REQUIRES: the admission has a route, and the body was read by
  // its policy; all three outlive the call.
  awaitable<Response> handle(Admission& admission, const Request& request) const;

  // Counts a request that was refused before its head could be admitted, by its status.
  void note_refusal(int status) const;

  const std::vector<Route>& routes() const { return routes_; }
  const Edge& edge() const { return edge_; }
  // Of the requests of all copies of this router.
  const RequestTimes& times() const { return *times_; }

 private:
  void decide(Request& request, Admission& admission) const;
  void decide_unknown(const Segments& segments, Request& request, Admission& admission) const;
  void take_route(const Route& route, Request& request, Admission& admission) const;
  void authorize(const Route& route, Request& request, RateReport& rates) const;
  auth::Identity identify(const Route& route, const Request& request, RateReport& rates) const;
  Response refuse(std::exception_ptr failure, const Request& request, RateReport& rates) const;
  Response options(const Request& request, const PathIndex::Path& path) const;
  Response method_not_allowed(const Request& request, const PathIndex::Path& path) const;
  const Route* find_route(const PathIndex::Path& path, Method method) const;
  const Route* find_fallback(const Segments& segments, const Request& request) const;
  std::string allowed_methods(const PathIndex::Path& path) const;
  // Null: no route.
  void finish(const Route* route, const Request& request, const Response& response,
              std::chrono::steady_clock::time_point begun) const;

  std::vector<Route> routes_;
  std::vector<std::size_t> fallbacks_;  // indices into them, of those without a path
  PathIndex paths_;
  Authenticate authenticate_;
  Edge edge_;
  std::shared_ptr<RequestTimes> times_;
};

}  // namespace fechatter::http
