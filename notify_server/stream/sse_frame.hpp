#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/event/presence_status.hpp"
#include "notify_server/log/cursor.hpp"

// The only place that knows the wire format of Server-Sent Events (WHATWG HTML, 9.2). Pure
// functions, but for the jitter of retry_line.
namespace fechatter::notify {

// `<epoch>-<stream sequence>`
std::string to_string(Position position);
// The same, and `-<event id>` where there is an event.
std::string to_string(FrameId id);
// The inverse of to_string. An empty text is no cursor; anything else is malformed.
Cursor parse_cursor(std::string_view text);

// The first line of a stream: how long the client waits before it reconnects. Up to as much again
// is added at random, so that the clients of a lost server do not reconnect all at once.
std::string retry_line(std::chrono::milliseconds retry);

// id, event, and one line of flat JSON: the event's data with `event`, `event_id`, `chat_id` and
// `seq`. U+0085, U+2028 and U+2029 are escaped: some clients take them for ends of lines.
std::string event_frame(const event::Envelope& envelope, Position position);

// The same frame under another id.
std::string with_id(std::string_view frame, FrameId id);
// The same frame without an id, so that no client resumes from it.
std::string without_id(std::string_view frame);

// Ephemeral, as the next: without `id:`, so that no client resumes from it. `last_seen`: nothing
// when the user was never seen. `platform`: empty when it is not known.
std::string presence_frame(UserId user, PresenceStatus status, std::optional<Timestamp> last_seen,
                           std::string_view platform);
// `expires_at`: when the typing ends by itself, or when it has ended.
std::string typing_frame(ChatId chat, UserId user, std::string_view user_name, bool is_typing,
                         Timestamp expires_at);

// `id` of the three: up to where the connection has everything.
std::string caught_up_frame(FrameId id);
std::string reset_frame(FrameId id, std::string_view reason);
std::string heartbeat_frame(FrameId id, Timestamp server_time);

}  // namespace fechatter::notify
