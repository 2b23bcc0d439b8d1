#pragma once

#include "fechatter_core/http/client_address.hpp"
#include "fechatter_core/http/cors.hpp"
#include "fechatter_core/http/request.hpp"

// From where a browser sends a request. Pure; any thread.
namespace fechatter::http {

// Whether the client speaks https: a trusted proxy says so in X-Forwarded-Proto, of which the last
// value counts. A server itself speaks http only.
bool is_by_https(const Request& request, const TrustedProxies& proxies);

// Whether a web page sent the request that is neither of the server's own origin nor of one that
// `cors` allows: a cookie proves nothing then, since the browser adds it to the requests of pages
// of sibling hosts, too. The own origin is is_by_https's scheme and the host that the request names
// (not X-Forwarded-Host): the browser fills in both, and no page can choose another Host. Without
// Origin, Sec-Fetch-Site decides; a request without either is not of a page.
bool is_of_foreign_page(const Request& request, const TrustedProxies& proxies, const Cors& cors);

}  // namespace fechatter::http
