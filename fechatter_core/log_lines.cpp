#include "fechatter_core/log_lines.hpp"

#include <spdlog/spdlog.h>

namespace fechatter {

std::string_view LogLines::name_of(Level level) {
  switch (level) {
    case Level::warn: return "warn";
    case Level::err: return "error";
    default: break;
  }
  const auto name = spdlog::level::to_string_view(level);
  return {name.data(), name.size()};
}

const LogLines* find_log_lines() {
  for (const auto& sink : spdlog::default_logger()->sinks()) {
    if (const auto* lines = dynamic_cast<const LogLines*>(sink.get())) return lines;
  }
  return nullptr;
}

}  // namespace fechatter
