#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::http {

// A set of IP addresses: single ones and CIDR blocks, IPv4 or IPv6. Immutable; any thread.
class Networks {
 public:
  Networks() = default;  // no address
  // Throws std::invalid_argument that names a bad one.
  explicit Networks(const std::vector<std::string>& networks);

  // False for a text that is no address.
  bool contains(std::string_view address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    std::array<std::uint8_t, 16> address;  // IPv4 as ::ffff:a.b.c.d
    std::size_t bits;                      // of its prefix
  };
  std::vector<Network> networks_;
};

}  // namespace fechatter::http
