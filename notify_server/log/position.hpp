#pragma once

#include "fechatter_core/event/position.hpp"

namespace fechatter::notify {

using event::Position;

// Where a client says it was: nowhere (a fresh stream begins with what comes next), at a position,
// or something that no server of ours has handed out.
struct Cursor {
  enum class Kind { none, position, malformed };
  Kind kind = Kind::none;
  Position position;
};

}  // namespace fechatter::notify
