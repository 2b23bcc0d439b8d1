#include "fechatter_core/file/s3_client.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <thread>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/file/s3_answers.hpp"

namespace fechatter::file {
namespace {

using RequestClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int attempts_max = 4;
constexpr milliseconds first_pause{100};
constexpr milliseconds pause_step{20};  // within it, the end of the store ends a pause
constexpr milliseconds attempt_min{50};
constexpr std::size_t s3_answer_bytes_max = 4 * 1024 * 1024;

http::ClientLimits limits_of_s3(const S3Settings& settings, const std::atomic<bool>& stopped) {
  http::ClientLimits limits;
  limits.connect_timeout = settings.connect_timeout;
  limits.response_timeout = settings.timeout;
  limits.body_bytes_max = s3_answer_bytes_max;
  limits.ca_file = settings.ca_file;
  limits.cancelled = &stopped;
  return limits;
}

// Longer each time, and not the same for all that wait for the store.
milliseconds pause_before(int attempt) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto longest = (first_pause * (1 << (2 * attempt))).count();
  return milliseconds{std::uniform_int_distribution<long>{longest / 2, longest}(random)};
}

bool may_be_cured(long status, const std::string& code) {
  return status == 408 || status == 429 || status >= 500 || code == "RequestTimeout" ||
         code == "SlowDown";
}

bool means_full(long status, const std::string& code) {
  return status == 507 || code == "QuotaExceeded" || code == "XMinioStorageFull" ||
         code == "InsufficientStorage";
}

milliseconds wanted_pause(const http::ClientResponse& response) {
  constexpr std::uint64_t seconds_max = 60;
  const auto* const text = response.find_header("retry-after");
  const auto seconds = text == nullptr ? std::nullopt : parse_size(*text);
  return std::chrono::seconds{std::min(seconds.value_or(0), seconds_max)};
}

}  // namespace

void log_s3_failure(const char* what, const std::string& reason) {
  // Thousands of requests may meet the same store.
  static std::atomic<std::time_t> logged_at{0};
  const auto second = std::time(nullptr);
  if (logged_at.exchange(second) == second) return;
  spdlog::error("file store: S3: {}: {}", what, reason);
}

S3Refusal::S3Refusal(long status, std::string code)
    : std::runtime_error{"S3 refuses: " + std::to_string(status) + ' ' + code},
      status_{status},
      code_{std::move(code)} {}

// One exchange.
struct S3Client::Attempt {
  http::ClientResponse response;  // status 0: none
  std::string reason;             // of a failure that a repetition may cure
  milliseconds pause{0};          // that the store asks for
};

S3Client::S3Client(const S3Settings& settings, const S3Address& address,
                   const std::atomic<bool>& stopped)
    : key_{settings.key},
      region_{settings.region},
      stall_timeout_{std::chrono::ceil<std::chrono::seconds>(settings.timeout)},
      address_{address},
      stopped_{stopped},
      http_{limits_of_s3(settings, stopped)} {}

http::ClientResponse S3Client::send(const S3Request& request, S3Deadline deadline) {
  for (int tries = 0;; ++tries) {
    auto outcome = attempt(request, deadline);
    if (outcome.reason.empty()) return std::move(outcome.response);
    const auto pause = std::max(outcome.pause, pause_before(tries));
    const bool is_last = tries + 1 == attempts_max || stopped_;
    if (is_last || RequestClock::now() + pause + attempt_min > deadline) {
      log_s3_failure(request.method.c_str(), outcome.reason);
      throw Error{ErrorCode::storage_unavailable, "The file store does not answer."};
    }
    wait(pause);
  }
}

S3Client::Attempt S3Client::attempt(const S3Request& request, S3Deadline deadline) {
  Attempt outcome;
  auto exchange = signed_request(request);
  if (request.upload || request.method == "GET") exchange.stall_timeout = stall_timeout_;
  exchange.response_timeout =
      std::max(attempt_min, std::chrono::ceil<milliseconds>(deadline - RequestClock::now()));
  try {
    outcome.response = http_.send(exchange);
  } catch (const http::Client::Failure& failure) {
    outcome.reason = failure.what();
    return outcome;
  }
  const auto status = outcome.response.status;
  if (status >= 200 && status < 300) return outcome;
  const auto code = parse_error_code(outcome.response.body);
  if (means_full(status, code)) {
    log_s3_failure(request.method.c_str(), code);
    throw Error{ErrorCode::storage_full, "There is no room for more files."};
  }
  if (!may_be_cured(status, code)) throw S3Refusal{status, code};
  outcome.reason = std::to_string(status) + ' ' + code;
  outcome.pause = wanted_pause(outcome.response);
  return outcome;
}

// The clock of the store decides whether the signature is young enough: 15 minutes with AWS.
http::ClientRequest S3Client::signed_request(const S3Request& request) const {
  const auto time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  AwsRequest to_sign;
  to_sign.method = request.method;
  to_sign.path = address_.path_of(request.object);
  to_sign.query = request.query;
  to_sign.payload_hash =
      request.upload ? request.upload_hash : auth::to_bytea(auth::sha256(request.body)).substr(2);
  to_sign.headers = request.headers;
  to_sign.headers.emplace_back("host", address_.host());
  to_sign.headers.emplace_back("x-amz-content-sha256", to_sign.payload_hash);
  to_sign.headers.emplace_back("x-amz-date", aws_time(time));

  http::ClientRequest exchange;
  exchange.method = request.method;
  exchange.url = address_.url_of(to_sign.path, aws_query(request.query));
  exchange.body = request.body;
  exchange.upload = request.upload;
  for (const auto& [name, value] : to_sign.headers) exchange.headers.push_back(name + ": " + value);
  exchange.headers.push_back("authorization: " +
                             aws_authorization(to_sign, key_, {region_, "s3", time}));
  // A store that does not know it would let each upload wait for a second.
  exchange.headers.emplace_back("Expect:");
  return exchange;
}

void S3Client::wait(milliseconds pause) const {
  const auto end = RequestClock::now() + pause;
  while (!stopped_ && RequestClock::now() < end) std::this_thread::sleep_for(pause_step);
}

}  // namespace fechatter::file
