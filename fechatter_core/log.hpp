#pragma once

#include <spdlog/spdlog.h>

#include <string>

// spdlog is the logger; this sets it up. No log line ever carries a token, a password, a query
// string or a message's content.
namespace fechatter {

struct LogSettings {
  std::string level = "info";   // trace, debug, info, warn, error, off
  std::string format = "text";  // text, or json: one object a line
};

// Sets the process's default logger, to standard error. Call once, before threads start.
void set_up_log(const LogSettings& settings, const std::string& process_name);

}  // namespace fechatter
