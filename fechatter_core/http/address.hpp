#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string_view>

#include "fechatter_core/async.hpp"

namespace fechatter::http {

// An IPv4 or IPv6 address in text; an IPv4 address that is mapped into IPv6 is the IPv4 address.
// nullopt for any other text. Pure; any thread.
std::optional<asio::ip::address> parse_address(std::string_view text);

}  // namespace fechatter::http
