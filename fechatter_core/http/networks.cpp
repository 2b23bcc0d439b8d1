#include "fechatter_core/http/networks.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "fechatter_core/http/address.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t v4_offset = 96;  // bits before an IPv4 address that is mapped into IPv6

Bytes bytes_of(const asio::ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  return asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

bool begin_alike(const Bytes& left, const Bytes& right, std::size_t bits) {
  const auto whole = static_cast<std::ptrdiff_t>(bits / 8);
  if (!std::equal(left.begin(), left.begin() + whole, right.begin())) return false;
  const auto rest = bits % 8;
  return rest == 0 || (left.at(bits / 8) ^ right.at(bits / 8)) >> (8 - rest) == 0;
}

}  // namespace

Networks::Networks(const std::vector<std::string>& networks) {
  for (const auto& network : networks) {
    std::string_view rest = network;
    const auto address = parse_address(take_until(rest, '/'));
    if (!address) throw std::invalid_argument{network + " is no address and no CIDR block"};
    const std::size_t all = address->is_v4() ? 32 : 128;
    std::size_t bits = all;
    if (network.find('/') != std::string::npos) {
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), bits);
      const bool good = error == std::errc{} && end == rest.data() + rest.size() && bits <= all;
      if (!good) throw std::invalid_argument{network + " has no prefix length that fits"};
    }
    networks_.push_back({bytes_of(*address), address->is_v4() ? bits + v4_offset : bits});
  }
}

bool Networks::contains(std::string_view text) const {
  if (networks_.empty()) return false;
  const auto address = parse_address(text);
  if (!address) return false;
  const auto bytes = bytes_of(*address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return begin_alike(network.address, bytes, network.bits);
  });
}

}  // namespace fechatter::http
