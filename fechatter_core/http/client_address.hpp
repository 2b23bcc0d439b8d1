#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/networks.hpp"
#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// The group of addresses that belong to one client, as text: one IPv4 address, or all of an IPv6
// /64, since one customer has that many. A text that is no address is returned unchanged. Pure; any
// thread.
std::string address_group(std::string_view address);

// The networks that the client is in, narrowest first, as text: an IPv4 address and its /24; of an
// IPv6 address the /64, /56 and /48, the sizes that customers are given. Never empty: of a text
// that is no address, the text. Pure; any thread.
std::vector<std::string> networks_of(std::string_view address);

// The reverse proxies whose `X-Forwarded-For` is trusted. Immutable; any thread.
class TrustedProxies {
 public:
  TrustedProxies() = default;  // no proxy
  // Addresses and CIDR blocks, IPv4 or IPv6. Throws std::invalid_argument that names a bad one.
  explicit TrustedProxies(const std::vector<std::string>& networks) : networks_{networks} {}

  bool contains(std::string_view address) const { return networks_.contains(address); }

  // The address of the client: that of the peer, unless the peer is a trusted proxy. Then it is the
  // last address of `X-Forwarded-For` that is no trusted proxy; the ones before it can be forged.
  std::string client_of(const Request& request) const;

 private:
  Networks networks_;
};

// The callers that may read the details of /health: this machine, and the addresses of
// `http.internal_addresses`. Immutable; any thread.
class InternalCallers {
 public:
  InternalCallers() : InternalCallers{std::vector<std::string>{}} {}  // this machine only
  explicit InternalCallers(const std::vector<std::string>& networks);

  // A request that a proxy has forwarded without a client's address that can be trusted is never an
  // internal one: the proxy may run on this machine and serve the internet.
  bool contains(const Request& request, const TrustedProxies& proxies) const;

 private:
  Networks networks_;
};

}  // namespace fechatter::http
