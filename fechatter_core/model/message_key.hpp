#pragma once

#include "fechatter_core/model/ids.hpp"

namespace fechatter {

// A message, by its number in its chat.
struct MessageKey {
  ChatId chat_id;
  std::int64_t seq = 0;

  friend auto operator<=>(const MessageKey&, const MessageKey&) = default;
};

}  // namespace fechatter

template <>
struct std::hash<fechatter::MessageKey> {
  std::size_t operator()(const fechatter::MessageKey& key) const noexcept {
    const auto chat = static_cast<std::uint64_t>(key.chat_id.value) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(chat ^ static_cast<std::uint64_t>(key.seq));
  }
};
