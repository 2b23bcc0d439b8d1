#pragma once

#include <spdlog/spdlog.h>

#include <string>

#include "fechatter_core/config.hpp"

// Sets up spdlog, the logger. No log line carries a token, a password, a query string or the
// content of a message.
namespace fechatter {

struct LogSettings {
  std::string level = "info";   // trace, debug, info, warn, error, off
  std::string format = "text";  // text, or json: one object per line
};

// Section `log`. REQUIRES: the target outlives the loading.
void bind_log(Config& config, LogSettings& settings);

// Sets the default logger of the process, to standard error. Call it once, before threads start.
void set_up_log(const LogSettings& settings, const std::string& process_name);

}  // namespace fechatter
