#include "fechatter_core/auth/ticket.hpp"

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/clock.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter::auth {
namespace {

constexpr std::size_t nonce_bytes = 16;
constexpr std::size_t time_bytes = 8;
constexpr std::size_t ticket_bytes = nonce_bytes + time_bytes + signature_bytes;
constexpr std::size_t ticket_length = (ticket_bytes * 4 + 2) / 3;
constexpr std::chrono::minutes clock_difference_max{1};

// The key signs access tokens, too, whose signed part begins in another way.
constexpr std::string_view purpose = "fechatter event ticket\n";

std::string to_bytes(std::chrono::sys_seconds time) {
  const auto seconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  std::string bytes;
  for (std::size_t i = 0; i < time_bytes; ++i) {
    bytes += static_cast<char>(seconds >> (8 * (time_bytes - 1 - i)));
  }
  return bytes;
}

std::int64_t seconds_of(std::string_view bytes) {
  std::uint64_t seconds = 0;
  for (const char c : bytes) seconds = seconds << 8 | static_cast<std::uint8_t>(c);
  return static_cast<std::int64_t>(seconds);
}

std::string signed_part(std::string_view ticket) {
  return std::string{purpose}.append(ticket.substr(0, nonce_bytes + time_bytes));
}

}  // namespace

std::string new_ticket(const Key& private_key, std::chrono::sys_seconds expires_at) {
  auto ticket = random_bytes(nonce_bytes) + to_bytes(expires_at);
  ticket += sign(private_key, signed_part(ticket));
  return base64url_encode(ticket);
}

void check_ticket(std::span<const Key> keys, std::string_view text, const BeforeVerifying& before) {
  if (text.size() != ticket_length) throw invalid_ticket();
  const auto ticket = base64url_decode(text);
  if (!ticket) throw invalid_ticket();
  const auto latest = (now() - clock_difference_max).time_since_epoch();
  const auto expiry = seconds_of(ticket->substr(nonce_bytes, time_bytes));
  if (expiry < std::chrono::floor<std::chrono::seconds>(latest).count()) throw invalid_ticket();
  if (before) before();
  const auto signature = std::string_view{*ticket}.substr(nonce_bytes + time_bytes);
  if (!is_signed(keys, signed_part(*ticket), signature)) throw invalid_ticket();
}

Error invalid_ticket() {
  return Error{ErrorCode::unauthenticated, "The ticket is not good, or no longer."};
}

}  // namespace fechatter::auth
