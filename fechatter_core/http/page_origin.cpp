#include "fechatter_core/http/page_origin.hpp"

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

// As browsers write it: in lower case, without the port that the scheme implies. Empty when the
// request names no host.
std::string own_origin(const Request& request, const TrustedProxies& proxies) {
  const auto* host = request.find_header("host");
  if (!host || host->empty()) return {};
  const bool by_https = is_by_https(request, proxies);
  auto authority = to_lower(*host);
  const std::string_view implied_port = by_https ? ":443" : ":80";
  if (authority.ends_with(implied_port)) {
    authority.erase(authority.size() - implied_port.size());
  }
  return (by_https ? "https://" : "http://") + authority;
}

}  // namespace

bool is_by_https(const Request& request, const TrustedProxies& proxies) {
  std::string_view scheme;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-proto") scheme = value;
  }
  if (scheme.empty()) return false;
  const auto last = scheme.rfind(',');
  if (last != std::string_view::npos) scheme.remove_prefix(last + 1);
  return equals_ignoring_case(trimmed(scheme), "https") && proxies.contains(request.peer_address);
}

bool is_of_foreign_page(const Request& request, const TrustedProxies& proxies, const Cors& cors) {
  const auto own = own_origin(request, proxies);
  bool has_origin = false;
  for (const auto& [name, origin] : request.headers) {
    if (name != "origin") continue;
    has_origin = true;
    const bool is_own = !own.empty() && origin == own;
    if (!is_own && !cors.allows(origin)) return true;
  }
  if (has_origin) return false;
  const auto* site = request.find_header("sec-fetch-site");
  return site && (*site == "cross-site" || *site == "same-site");
}

}  // namespace fechatter::http
