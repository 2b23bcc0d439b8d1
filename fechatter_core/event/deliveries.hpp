#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

// What notify_server has written to users, on its way to the receipts: on
// event::delivered_subject, as JSON: {"version": 1, "delivered": [[chat, user, seq, time], …]}, the
// time in microseconds since 1970. Readers ignore further elements.
namespace fechatter::event {

inline constexpr std::size_t deliveries_max = 1000;  // of one message: about 50 KB

// Messages of the chat up to `seq` were written to a stream of the user.
struct Delivery {
  ChatId chat;
  UserId user;
  std::int64_t seq = 0;
  Timestamp at;
};

// REQUIRES: `deliveries_max` at most.
std::string to_text(std::span<const Delivery> deliveries);
// nullopt for anything else.
std::optional<std::vector<Delivery>> parse_deliveries(std::string_view text);

}  // namespace fechatter::event
