#include "fechatter_core/http/router.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "fechatter_core/http/failure.hpp"
#include "fechatter_core/http/request_report.hpp"

namespace fechatter::http {
namespace {

using Clock = std::chrono::steady_clock;

void set_parameters(Request& request, const Segments& pattern, const Segments& segments) {
  request.path_parameters.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i])) continue;
    request.path_parameters.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
  }
}

BodyPolicy resolved(const Route& route) {
  auto policy = route.body;
  if (policy.kind != BodyPolicy::Kind::by_method) return policy;
  const bool bodiless = route.method == Method::get || route.method == Method::head ||
                        route.method == Method::delete_ || route.method == Method::options;
  policy.kind = bodiless ? BodyPolicy::Kind::none : BodyPolicy::Kind::buffered;
  return policy;
}

bool takes_from_address(const Route& route) {
  if (route.rate == Rate::address || route.rate == Rate::pages) return true;
  const bool is_by_client = route.rate == Rate::by_access || route.rate == Rate::credentials;
  return is_by_client && route.access == Access::anyone;
}

bool is_unauthenticated(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.code() == ErrorCode::unauthenticated;
  } catch (...) {
    return false;
  }
}

// Without it, the browser would withhold from the page that there is nothing at this path (404).
Response preflight_of_no_path() {
  Response response = no_content();
  Cors::add_preflight_headers("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", response);
  return response;
}

void name_ignored_parameters(const Request& request, Response& response) {
  auto ignored = request.ignored_parameters();
  if (!ignored.empty()) response.with_header("X-Ignored-Parameters", std::move(ignored));
}

void name_applied_limit(const Request& request, Response& response) {
  const auto limit = request.applied_limit();
  if (limit) response.with_header("X-Limit-Applied", std::to_string(*limit));
}

void add_route_headers(const Route& route, Response& response) {
  for (const auto& [name, value] : route.headers) response.with_header(name, value);
}

std::vector<RequestTimes::Name> names_of(const std::vector<Route>& routes) {
  std::vector<RequestTimes::Name> names;
  for (const auto& route : routes) {
    names.push_back({std::string{to_string(route.method)}, std::string{route.path}});
  }
  return names;
}

}  // namespace

void Edge::admit_verification(const Request& request, RateReport& report) const {
  if (limits) limits->admit_verification(proxies.client_of(request), report);
}

void Edge::charge_failure(const Request& request, RateReport& report) const {
  if (limits) limits->charge_failure(proxies.client_of(request), report);
}

Router::Router(std::vector<Route> routes, Authenticate authenticate, Edge edge)
    : routes_{std::move(routes)}, authenticate_{std::move(authenticate)}, edge_{std::move(edge)} {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    auto& route = routes_[i];
    route.body = resolved(route);
    if (route.fallback_for) {
      fallbacks_.push_back(i);
      continue;
    }
    auto& path = paths_.add(route.path);
    if (find_route(path, route.method)) {
      throw std::invalid_argument{"two routes for " + std::string{to_string(route.method)} + " " +
                                  std::string{route.path}};
    }
    path.routes.push_back(i);
  }
  paths_.sort();
  times_ = std::make_shared<RequestTimes>(names_of(routes_));
}

Admission Router::admit(Request& request) const {
  Admission admission;
  const auto begun = Clock::now();
  const Route* refused = nullptr;
  begin_report(edge_, request);
  edge_.forwarding->check(request, edge_.proxies);
  try {
    decide(request, admission);
  } catch (...) {
    refused = std::exchange(admission.route, nullptr);
    admission.response = refuse(std::current_exception(), request, admission.rates);
    if (refused) add_route_headers(*refused, admission.response);
  }
  if (admission.route) return admission;
  admission.rates.write(admission.response);
  finish(refused, request, admission.response, begun);
  return admission;
}

void Router::decide(Request& request, Admission& admission) const {
  const auto segments = decoded_segments(request.path);
  request.path = join_path(segments);
  const auto* path = paths_.find(segments);
  if (!path) {
    decide_unknown(segments, request, admission);
    return;
  }
  set_parameters(request, path->segments, segments);

  if (request.method == Method::options && edge_.cors.is_preflight(request)) {
    admission.response = options(request, *path);
    return;
  }
  const auto* route = find_route(*path, request.method);
  if (!route && request.method == Method::head) route = find_route(*path, Method::get);
  if (route) {
    take_route(*route, request, admission);
  } else if (request.method == Method::options) {
    admission.response = options(request, *path);
  } else {
    admission.response = method_not_allowed(request, *path);
  }
}

void Router::decide_unknown(const Segments& segments, Request& request,
                            Admission& admission) const {
  if (request.method == Method::options && edge_.cors.is_preflight(request)) {
    admission.response = preflight_of_no_path();
    return;
  }
  const auto* fallback = find_fallback(segments, request);
  if (!fallback) throw Error{ErrorCode::not_found, "there is nothing at this path"};
  take_route(*fallback, request, admission);
}

void Router::take_route(const Route& route, Request& request, Admission& admission) const {
  admission.route = &route;
  authorize(route, request, admission.rates);
  if (route.body.kind != BodyPolicy::Kind::none) request.require_plain_body();
}

void Router::authorize(const Route& route, Request& request, RateReport& rates) const {
  const auto& limits = edge_.limits;
  if (limits && takes_from_address(route)) {
    limits->charge_address(route.rate, request, edge_.proxies.client_of(request), rates);
  }
  if (route.access != Access::anyone) request.caller = identify(route, request, rates);
  if (limits) {
    limits->charge_user(request, rates);
    limits->charge_narrow(route.rate, request, rates);
    limits->admit_answer(route.rate, request, rates);
  }
}

auth::Identity Router::identify(const Route& route, const Request& request,
                                RateReport& rates) const {
  if (const auto token = request.bearer_token()) {
    const auto before = [&] { edge_.admit_verification(request, rates); };
    return authenticate_(*token, std::ref(before));  // no allocation for a copy
  }
  if (route.access == Access::linked) {
    if (auto caller = route.identify(request)) return std::move(*caller);
  }
  throw Error{ErrorCode::unauthenticated, "a bearer token is needed"};
}

// A failure to prove an identity takes from the bucket of the address.
Response Router::refuse(std::exception_ptr failure, const Request& request,
                        RateReport& rates) const {
  if (is_unauthenticated(failure)) {
    try {
      edge_.charge_failure(request, rates);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  return failure_response(failure, request);
}

awaitable<Response> Router::handle(Admission& admission, const Request& request) const {
  const auto begun = Clock::now();
  const auto& route = *admission.route;
  Response response;
  RateLimits::ReadingSlots slots;
  std::exception_ptr failure;
  try {
    if (edge_.limits && route.rate == Rate::credentials) {
      const auto client = edge_.proxies.client_of(request);
      edge_.limits->charge_account(route.rate, request, client, admission.rates);
    }
    if (route.body.kind == BodyPolicy::Kind::fieldless && !request.body.empty()) {
      request.json_body();
    }
    if (edge_.limits) {
      auto waiting = edge_.limits->take_reading_slots(route.rate, request, admission.rates);
      slots = co_await std::move(waiting);
      if (slots.of_heavy) admission.pace.begin(edge_.limits->heavy_rest());
    }
    auto handling = route.handler(request);
    response = co_await std::move(handling);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) response = refuse(failure, request, admission.rates);
  add_route_headers(route, response);
  co_await admission.pace.rest();
  if (edge_.limits) edge_.limits->debit_answer(request, response.bytes().size());
  if (response.status < 400) {
    name_ignored_parameters(request, response);
    name_applied_limit(request, response);
  }
  admission.rates.write(response);
  finish(&route, request, response, begun);
  co_return response;
}

void Router::finish(const Route* route, const Request& request, const Response& response,
                    Clock::time_point begun) const {
  const auto index = route ? static_cast<std::size_t>(route - routes_.data()) : times_->unmatched();
  const auto took = Clock::now() - begun;
  times_->observe(index, response.status, took);
  report(edge_, route, request, response.status, took);
}

void Router::note_refusal(int status) const {
  times_->observe(times_->unmatched(), status, Clock::duration::zero());
}

Response Router::options(const Request& request, const PathIndex::Path& path) const {
  Response response = no_content();
  const auto methods = allowed_methods(path);
  response.with_header("Allow", methods);
  if (edge_.cors.is_preflight(request)) Cors::add_preflight_headers(methods, response);
  return response;
}

Response Router::method_not_allowed(const Request& request, const PathIndex::Path& path) const {
  const Error refusal{ErrorCode::method_not_allowed, "this path does not know this method"};
  Response response = problem_response(refusal, request.id);
  response.with_header("Allow", allowed_methods(path));
  return response;
}

const Route* Router::find_route(const PathIndex::Path& path, Method method) const {
  const auto found = std::find_if(path.routes.begin(), path.routes.end(),
                                  [&](std::size_t i) { return routes_[i].method == method; });
  return found == path.routes.end() ? nullptr : &routes_[*found];
}

const Route* Router::find_fallback(const Segments& segments, const Request& request) const {
  const bool gets = request.method == Method::get || request.method == Method::head;
  if (!gets || !is_plain(segments)) return nullptr;
  const auto found = std::find_if(fallbacks_.begin(), fallbacks_.end(),
                                  [&](std::size_t i) { return routes_[i].fallback_for(request); });
  return found == fallbacks_.end() ? nullptr : &routes_[*found];
}

std::string Router::allowed_methods(const PathIndex::Path& path) const {
  std::string allowed;
  for (const auto i : path.routes) {
    const auto method = routes_[i].method;
    if (method == Method::options) continue;
    allowed.append(to_string(method)).append(", ");
    if (method == Method::get && !find_route(path, Method::head)) allowed.append("HEAD, ");
  }
  return allowed + "OPTIONS";
}

}  // namespace fechatter::http
