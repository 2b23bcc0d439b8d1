#include "fechatter_core/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "fechatter_core/log_fields.hpp"
#include "fechatter_core/log_lines.hpp"

namespace fechatter {
namespace {

// The payload of a log line as a JSON string, and the members of LogFields behind it.
class JsonPayload : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const auto quoted = json_quoted({message.payload.data(), message.payload.size()});
    out.append(quoted.data(), quoted.data() + quoted.size());
    const auto fields = LogFields::current();
    out.append(fields.data(), fields.data() + fields.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonPayload>();
  }
};

}  // namespace

void bind_log(Config& config, LogSettings& settings) {
  config.bind_choice("log.level", settings.level,
                     {"trace", "debug", "info", "warn", "error", "off"});
  config.bind_choice("log.format", settings.format, {"text", "json"});
}

void set_up_log(const LogSettings& settings, const std::string& process_name) {
  auto logger = std::make_shared<spdlog::logger>(process_name,
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (settings.format == "json") {
    formatter->add_flag<JsonPayload>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","process":"%n","thread":%t,"message":%*})");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %-8l %n: %v");
  }
  logger->set_formatter(std::move(formatter));
  logger->sinks().push_back(std::make_shared<LogLines>());
  logger->set_level(spdlog::level::from_str(settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace fechatter
