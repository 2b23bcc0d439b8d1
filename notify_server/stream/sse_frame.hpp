#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/event/envelope.hpp"
#include "notify_server/log/cursor.hpp"

// The only place that knows how Server-Sent Events look on the wire (WHATWG HTML, 9.2). Pure
// functions.
namespace fechatter::notify {

// `<epoch>-<stream sequence>`
std::string to_string(Position position);
// Reads what to_string wrote. Empty is no cursor; anything else is malformed.
Cursor parse_cursor(std::string_view text);

// What a stream begins with: how long to wait before coming back, with up to half of `retry` on
// top, so that those who lost one server do not come back all at once.
std::string retry_line(std::chrono::milliseconds retry);

// id, event, and one line of flat JSON: the event's data with `event`, `event_id`, `chat_id` and
// `seq`.
std::string event_frame(const event::Envelope& envelope, Position position);

// The same frame under another id.
std::string with_position(std::string_view frame, Position position);

// Without `id:`, so that nobody comes back to it.
std::string presence_frame(UserId user, bool online, Timestamp last_seen);

// Each of the three carries `id:`; everything up to `handed` has been handed to this connection.
std::string caught_up_frame(Position resume_position);
std::string reset_frame(Position resume_position, std::string_view reason);
std::string heartbeat_frame(Position resume_position, Timestamp server_time);

}  // namespace fechatter::notify
