#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// Addresses that belong to one client: an IPv4 address alone, and all of an IPv6 /64, since one
// customer has that many. As text; what is no address stays as it is. Pure; any thread.
std::string address_group(std::string_view address);

// The reverse proxies whose `X-Forwarded-For` is believed. Immutable; any thread.
class TrustedProxies {
 public:
  TrustedProxies() = default;  // nobody
  // Addresses and CIDR blocks, IPv4 or IPv6. Throws std::invalid_argument that names a bad one.
  explicit TrustedProxies(const std::vector<std::string>& networks);

  bool contains(std::string_view address) const;

  // Who sent the request: the other end of the socket, unless that is a trusted proxy. Then it is
  // the last address of `X-Forwarded-For` that is not one: what stands before it may be forged.
  std::string client_of(const Request& request) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address;  // IPv4 as ::ffff:a.b.c.d
    std::size_t bits;                      // of its prefix
  };
  std::vector<Network> networks_;
};

}  // namespace fechatter::http
