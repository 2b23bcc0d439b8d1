#pragma once

#include <spdlog/sinks/sink.h>

#include <array>
#include <memory>
#include <string_view>

#include "fechatter_core/observability/counter.hpp"

namespace fechatter {

// A sink of the log that counts its lines by level, and writes nothing. Any thread.
class LogLines final : public spdlog::sinks::sink {
 public:
  using Level = spdlog::level::level_enum;
  static constexpr std::array levels{Level::trace, Level::debug, Level::info,
                                     Level::warn,  Level::err,   Level::critical};

  void log(const spdlog::details::log_msg& message) override {
    lines_.at(static_cast<std::size_t>(message.level)).add();
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  std::uint64_t count(Level level) const {
    return lines_.at(static_cast<std::size_t>(level)).value();
  }
  // As `log.level` spells it.
  static std::string_view name_of(Level level);

 private:
  std::array<observability::Counter, spdlog::level::n_levels> lines_;
};

// That of the default logger; null before set_up_log(). It lives as long as the logger.
const LogLines* find_log_lines();

}  // namespace fechatter
