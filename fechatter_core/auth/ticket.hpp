#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "fechatter_core/auth/signing_key.hpp"
#include "fechatter_core/error.hpp"

// Tickets, which open one stream of events each (postgres::EventTickets). A ticket is signed, so
// that a forged one costs no statement (docs/adr/0012).
namespace fechatter::auth {

// 16 random bytes, the time of its expiry and a signature, in base64url: 118 characters.
std::string new_ticket(const Key& private_key, std::chrono::sys_seconds expires_at);

// Throws Error{unauthenticated} for a text that none of the keys has signed, or one that has
// expired a minute ago, since the clocks of two machines differ; and what `before` throws. Only the
// database knows whether the ticket was used. Any thread.
void check_ticket(std::span<const Key> keys, std::string_view ticket,
                  const BeforeVerifying& before);

// The refusal of a ticket.
Error invalid_ticket();

}  // namespace fechatter::auth
