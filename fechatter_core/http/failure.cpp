#include "fechatter_core/http/failure.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

using Clock = std::chrono::steady_clock;

void log_failure(const Request& request, std::string_view cause,
                 spdlog::level::level_enum level = spdlog::level::err) {
  LogFields fields;
  add_log_fields(fields, request);
  spdlog::log(level, "{} {} {}: {}", request.id, to_string(request.method), printable_path(request),
              cause);
}

// Which refusals with 503 and 507 are logged: one a second of each code, since thousands of
// requests may meet a full queue or disk, or a dependency that is missing. Any thread.
class RefusalLog {
 public:
  // How many of that code came since the last one that was logged; nullopt: this one is not.
  std::optional<std::uint64_t> admit(ErrorCode code) {
    const std::lock_guard lock{mutex_};
    auto& refusals = refusals_[code];
    const auto now = Clock::now();
    if (refusals.logged_at && now - *refusals.logged_at < std::chrono::seconds{1}) {
      ++refusals.left_out;
      return std::nullopt;
    }
    refusals.logged_at = now;
    return std::exchange(refusals.left_out, 0);
  }

 private:
  struct Refusals {
    std::optional<Clock::time_point> logged_at;
    std::uint64_t left_out = 0;
  };

  std::mutex mutex_;
  std::unordered_map<ErrorCode, Refusals> refusals_;
};

void log_refusal(const Request& request, const Error& error) {
  static RefusalLog log;
  const auto left_out = log.admit(error.code());
  if (!left_out) return;
  auto cause = fmt::format("{}: {}", error.info().code, error.what());
  if (*left_out > 0) cause += fmt::format(" (and {} before it)", *left_out);
  log_failure(request, cause, spdlog::level::warn);
}

}  // namespace

void add_log_fields(LogFields& fields, const Request& request) {
  fields.add("request_id", request.id);
  if (request.span.context.valid()) fields.add("trace_id", trace_id_text(request.span.context));
  if (request.caller) {
    fields.add("workspace_id", request.caller->workspace_id.value);
    fields.add("user_id", request.caller->user_id.value);
  }
  fields.add("method", to_string(request.method));
}

std::string printable_path(const Request& request) {
  std::string text{request.path};
  for (const auto& [name, value] : request.path_parameters) {
    const auto at = text.rfind(value);
    if (name == "token" && at != std::string::npos) text.replace(at, value.size(), "{token}");
  }
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

Response failure_response(std::exception_ptr failure, const Request& request) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const Error& error) {
    const auto& info = error.info();
    if (info.status == 503 || info.status == 507) {
      log_refusal(request, error);
    } else if (info.status >= 500) {
      log_failure(request, fmt::format("{}: {}", info.code, error.what()));
    }
    return problem_response(error, request.id);
  } catch (const std::exception& error) {
    log_failure(request, error.what());
  } catch (...) {
    log_failure(request, "an exception of an unknown type");
  }
  return problem_response(Error{ErrorCode::internal, "something went wrong on our side"},
                          request.id);
}

}  // namespace fechatter::http
