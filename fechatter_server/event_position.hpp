#pragma once

namespace fechatter::server {

// Of a list: the position up to which it holds everything (event_mark_rows). It may show later
// events as well; its objects have their versions.
inline constexpr const char* event_position_header = "X-Event-Position";

}  // namespace fechatter::server
