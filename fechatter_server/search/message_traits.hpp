#pragma once

#include <string_view>

namespace fechatter::server {

// Whether `has:link` matches a message with that content. Pure; any thread.
bool has_link(std::string_view content);

}  // namespace fechatter::server
