#include "fechatter_core/http/address.hpp"

namespace fechatter::http {

std::optional<asio::ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (error) return std::nullopt;
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  if (mapped) return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

}  // namespace fechatter::http
