#pragma once

#include "fechatter_core/event/position.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::notify {

using event::Position;

// The id of a frame: the position up to which its client has everything, and the event there. After
// a power cut a stream may use sequences again that no record shows as used: the event tells them
// apart. No event: none is known at the position.
struct FrameId {
  Position position;
  EventId event = {};

  friend bool operator==(const FrameId&, const FrameId&) = default;
};

// What a client presents when it connects: nothing (a fresh stream begins with the next event), the
// id of a frame, or a text that no server of ours gave out.
struct Cursor {
  enum class Kind { none, position, malformed };
  Kind kind = Kind::none;
  Position position;
  EventId event = {};

  FrameId id() const { return {position, event}; }
  // Everything up to that position is replayed.
  void move_to(Position to) {
    position = to;
    event = {};
  }
};

}  // namespace fechatter::notify
