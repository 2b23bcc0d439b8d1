#pragma once

#include <stdexcept>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/event/event_stream.hpp"

namespace fechatter::server {

// The event in a message of the stream; {} for a damaged one, whose text may be legible all the
// same, and for a message that is no event.
inline event::Envelope read_envelope(const event::StreamMessage& message) {
  try {
    return event::parse_envelope(message.data);
  } catch (const std::invalid_argument&) {
    return {};
  }
}

}  // namespace fechatter::server
