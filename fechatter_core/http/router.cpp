#include "fechatter_core/http/router.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>

#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/http/uri.hpp"

namespace fechatter::http {
namespace {

using Segments = std::vector<std::string>;

constexpr std::size_t segments_max = 32;  // no route is that long

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (segments.size() < segments_max && !path.empty()) {
    const bool last = path.find('/') == path.size() - 1;
    segments.push_back(take_until(path, '/'));
    if (last) segments.emplace_back();  // "/api/" is not "/api"
  }
  return segments;
}

Segments decoded_segments(std::string_view path) {
  Segments segments;
  for (const auto raw : split(path)) {
    auto segment = percent_decoded(raw, Plus::is_plus);
    if (!segment) {
      throw Error{ErrorCode::malformed_request, "the path is not percent-encoded UTF-8 text"};
    }
    segments.push_back(std::move(*segment));
  }
  return segments;
}

std::string joined(const Segments& segments) {
  std::string path;
  for (const auto& segment : segments) path.append("/").append(segment);
  return path.empty() ? "/" : path;
}

bool may_be_parameter(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find_first_of("/\\") == std::string_view::npos;
}

bool matches(const std::string& pattern, const std::string& segment) {
  return is_parameter(pattern) ? may_be_parameter(segment) : pattern == segment;
}

// Whether both match the same paths, whatever their parameters are called.
bool is_same_shape(const Segments& left, const Segments& right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& a, const auto& b) { return is_parameter(a) ? is_parameter(b) : a == b; });
}

// A literal goes before a parameter at the first place where the two differ in kind.
bool is_more_literal(const Segments& left, const Segments& right) {
  return std::lexicographical_compare(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& a, const auto& b) { return !is_parameter(a) && is_parameter(b); });
}

void set_parameters(Request& request, const Segments& pattern, const Segments& segments) {
  request.path_parameters.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i])) continue;
    request.path_parameters.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
  }
}

// A decoded path may hold line breaks, which would forge lines of the log.
std::string printable(std::string_view path) {
  std::string text{path};
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

Response failure_response(std::exception_ptr failure, const Request& request) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    if (error.info().status >= 500) {
      spdlog::error("{} {} {}: {}: {}", request.id, to_string(request.method),
                    printable(request.path), error.info().code, error.what());
    }
    return problem_response(error, request.id);
  } catch (const std::exception& error) {
    spdlog::error("{} {} {}: {}", request.id, to_string(request.method), printable(request.path),
                  error.what());
  } catch (...) {
    spdlog::error("{} {} {}: an exception of an unknown type", request.id,
                  to_string(request.method), printable(request.path));
  }
  return problem_response(Error{ErrorCode::internal, "something went wrong on our side"},
                          request.id);
}

void log_access(const Request& request, const Response& response,
                std::chrono::steady_clock::time_point begun) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  spdlog::debug("{} {} {} {} {:.1f} ms", request.id, to_string(request.method),
                printable(request.path), response.status, took.count());
}

}  // namespace

Router::Router(std::vector<Route> routes, Authenticate authenticate, Edge edge)
    : routes_{std::move(routes)}, authenticate_{std::move(authenticate)}, edge_{std::move(edge)} {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const auto views = split(routes_[i].path);
    const Segments segments{views.begin(), views.end()};
    auto path = std::find_if(paths_.begin(), paths_.end(), [&](const Path& known) {
      return is_same_shape(known.segments, segments);
    });
    if (path == paths_.end()) path = paths_.insert(path, Path{segments, {}});
    if (path->segments != segments || find_route(*path, routes_[i].method)) {
      throw std::invalid_argument{"two routes, or two names of a parameter, for " +
                                  std::string{to_string(routes_[i].method)} + " " +
                                  std::string{routes_[i].path}};
    }
    path->routes.push_back(i);
  }
  std::stable_sort(paths_.begin(), paths_.end(), [](const Path& left, const Path& right) {
    return is_more_literal(left.segments, right.segments);
  });
}

awaitable<Response> Router::handle(Request& request) const {
  const auto begun = std::chrono::steady_clock::now();
  Response response;
  RateReport rates;
  std::exception_ptr failure;
  try {
    response = co_await dispatch(request, rates);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) response = failure_response(failure, request);
  rates.write(response);
  log_access(request, response, begun);
  co_return response;
}

awaitable<Response> Router::dispatch(Request& request, RateReport& rates) const {
  const auto segments = decoded_segments(request.path);
  request.path = joined(segments);
  const auto* path = find_path(segments);
  if (!path) throw Error{ErrorCode::not_found, "there is nothing at this path"};

  const auto* route = find_route(*path, request.method);
  if (!route && request.method == Method::head) route = find_route(*path, Method::get);
  if (!route && request.method == Method::options) co_return options(request, *path);
  if (!route) {
    const Error refusal{ErrorCode::method_not_allowed, "this path does not know this method"};
    Response response = problem_response(refusal, request.id);
    response.with_header("Allow", allowed_methods(*path));
    co_return response;
  }

  set_parameters(request, path->segments, segments);
  admit(*route, request, rates);
  auto answer = route->handler(request);
  co_return co_await std::move(answer);
}

void Router::admit(const Route& route, Request& request, RateReport& rates) const {
  const auto& limits = edge_.limits;
  if (limits && route.rate != Rate::by_access) {
    limits->admit_address(route.rate, edge_.proxies.client_of(request), rates);
  }
  if (route.access == Access::signed_in) {
    const auto token = request.bearer_token();
    if (!token) throw Error{ErrorCode::unauthenticated, "a bearer token is needed"};
    request.caller = authenticate_(*token);
  }
  if (limits) limits->admit_caller(route.rate, request, rates);
}

Response Router::options(const Request& request, const Path& path) const {
  Response response = no_content();
  const auto methods = allowed_methods(path);
  response.with_header("Allow", methods);
  if (edge_.cors.is_preflight(request)) Cors::add_preflight_headers(methods, response);
  return response;
}

const Router::Path* Router::find_path(const Segments& segments) const {
  const auto fits = [&](const Path& path) {
    return std::equal(path.segments.begin(), path.segments.end(), segments.begin(), segments.end(),
                      matches);
  };
  const auto found = std::find_if(paths_.begin(), paths_.end(), fits);
  return found == paths_.end() ? nullptr : &*found;
}

const Route* Router::find_route(const Path& path, Method method) const {
  const auto found = std::find_if(path.routes.begin(), path.routes.end(),
                                  [&](std::size_t i) { return routes_[i].method == method; });
  return found == path.routes.end() ? nullptr : &routes_[*found];
}

std::string Router::allowed_methods(const Path& path) const {
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
