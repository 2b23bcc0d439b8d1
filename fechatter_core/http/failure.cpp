#include "fechatter_core/http/failure.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

void log_failure(const Request& request, std::string_view cause) {
  spdlog::error("{} {} {}: {}", request.id, to_string(request.method), printable_path(request),
                cause);
}

}  // namespace

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
    if (info.status >= 500) log_failure(request, std::string{info.code} + ": " + error.what());
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
