#include "fechatter_core/http/client_address.hpp"

#include <algorithm>
#include <array>

#include "fechatter_core/http/address.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

// The network of that many bytes, which the prefix ends with.
template <class Address>
std::string network_of(const Address& address, std::size_t count) {
  auto bytes = address.to_bytes();
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(count), bytes.end(), std::uint8_t{0});
  return Address{bytes}.to_string() + "/" + std::to_string(8 * count);
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

// The headers by which proxies say that they forward a request.
bool is_forwarded(const Request& request) {
  constexpr std::array names{"x-forwarded-for", "forwarded", "x-real-ip", "via"};
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return request.find_header(name) != nullptr; });
}

std::vector<std::string> with_loopback(std::vector<std::string> networks) {
  networks.insert(networks.end(), {"127.0.0.0/8", "::1"});
  return networks;
}

}  // namespace

std::string address_group(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return std::string{text};
  if (address->is_v4()) return address->to_string();
  return network_of(address->to_v6(), 8);
}

std::vector<std::string> networks_of(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return {std::string{text}};
  if (address->is_v4()) return {address->to_string(), network_of(address->to_v4(), 3)};
  const auto v6 = address->to_v6();
  return {network_of(v6, 8), network_of(v6, 7), network_of(v6, 6)};
}

std::string TrustedProxies::client_of(const Request& request) const {
  auto client = request.peer_address;
  if (!contains(client)) return client;
  const auto nodes = forwarded_for(request);
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    // A node that is no address ends the search: the address behind it is the client.
    if (!parse_address(*node)) return client;
    client = *node;
    if (!contains(client)) return client;
  }
  return client;
}

InternalCallers::InternalCallers(const std::vector<std::string>& networks)
    : networks_{with_loopback(networks)} {}

bool InternalCallers::contains(const Request& request, const TrustedProxies& proxies) const {
  const auto& peer = request.peer_address;
  const auto client = proxies.client_of(request);
  if (client == peer && (is_forwarded(request) || proxies.contains(peer))) return false;
  return networks_.contains(client);
}

}  // namespace fechatter::http
