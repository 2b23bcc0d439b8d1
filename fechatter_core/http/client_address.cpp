#include "fechatter_core/http/client_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t v4_offset = 96;  // bits before an IPv4 address that is mapped into IPv6
constexpr std::size_t customer_bytes = 8;

std::optional<asio::ip::address> parse(std::string_view text) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (error) return std::nullopt;
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  if (mapped) return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

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

// The address in "192.0.2.1:443", "[2001:db8::1]:443" and "[2001:db8::1]": some proxies add the
// port.
std::string_view without_port(std::string_view node) {
  if (node.starts_with('[')) return node.substr(1, node.find(']') - 1);
  const bool one_colon = std::count(node.begin(), node.end(), ':') == 1;
  return one_colon ? node.substr(0, node.find(':')) : node;
}

// All of `X-Forwarded-For`, in the order of the headers.
std::vector<std::string_view> forwarded_for(const Request& request) {
  std::vector<std::string_view> nodes;
  for (const auto& [name, value] : request.headers) {
    if (name != "x-forwarded-for") continue;
    std::string_view rest = value;
    while (!rest.empty()) nodes.push_back(without_port(trimmed(take_until(rest, ','))));
  }
  return nodes;
}

}  // namespace

std::string address_group(std::string_view text) {
  const auto address = parse(text);
  if (!address) return std::string{text};
  if (address->is_v4()) return address->to_string();
  auto bytes = address->to_v6().to_bytes();
  std::fill(bytes.begin() + customer_bytes, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6{bytes}.to_string() + "/64";
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
  for (const auto& network : networks) {
    std::string_view rest = network;
    const auto address = parse(take_until(rest, '/'));
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

bool TrustedProxies::contains(std::string_view text) const {
  if (networks_.empty()) return false;
  const auto address = parse(text);
  if (!address) return false;
  const auto bytes = bytes_of(*address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return begin_alike(network.address, bytes, network.bits);
  });
}

std::string TrustedProxies::client_of(const Request& request) const {
  auto client = request.peer_address;
  if (!contains(client)) return client;
  const auto nodes = forwarded_for(request);
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    // A node that is no address ends the search: the address behind it is the client.
    if (!parse(*node)) return client;
    client = *node;
    if (!contains(client)) return client;
  }
  return client;
}

}  // namespace fechatter::http
