#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// The group of addresses that belong to one client, as text: one IPv4 address, or all of an IPv6
// /64, since one customer has that many. A text that is no address is returned unchanged. Pure; any
// thread.
std::string address_group(std::string_view address);

// The reverse proxies whose `X-Forwarded-For` is trusted. Immutable; any thread.
class TrustedProxies {
 public:
  TrustedProxies() = default;  // no proxy
  // Addresses and CIDR blocks, IPv4 or IPv6. Throws std::invalid_argument that names a bad one.
  explicit TrustedProxies(const std::vector<std::string>& networks);

  bool contains(std::string_view address) const;

  // The address of the client: that of the peer, unless the peer is a trusted proxy. Then it is the
  // last address of `X-Forwarded-For` that is no trusted proxy; the ones before it can be forged.
  std::string client_of(const Request& request) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address;  // IPv4 as ::ffff:a.b.c.d
    std::size_t bits;                      // of its prefix
  };
  std::vector<Network> networks_;
};

}  // namespace fechatter::http
