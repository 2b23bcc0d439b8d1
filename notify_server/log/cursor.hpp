#pragma once

#include "fechatter_core/event/position.hpp"

namespace fechatter::notify {

using event::Position;

// The position that a client presents when it connects: none (a fresh stream begins with the next
// event), a position, or a text that no server of ours gave out.
struct Cursor {
  enum class Kind { none, position, malformed };
  Kind kind = Kind::none;
  Position position;
};

}  // namespace fechatter::notify
