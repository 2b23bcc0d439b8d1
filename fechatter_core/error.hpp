#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter {

// The refusals that a client can act on. The table in error.cpp gives each code its stable name,
// its HTTP status and its title; a code without a row, or out of order there, does not compile.
enum class ErrorCode {
  malformed_request,
  malformed_json,
  malformed_id,
  unauthenticated,
  invalid_credentials,
  invalid_refresh_token,
  user_suspended,
  forbidden,
  invitation_required,
  foreign_page,
  chat_archived,
  chat_read_only,
  not_found,
  chat_not_found,
  no_such_member,
  message_not_found,
  scheduled_not_found,
  file_not_found,
  upload_not_found,
  method_not_allowed,
  request_timeout,
  email_taken,
  chat_name_taken,
  owner_must_hand_over,
  too_many_invitations,
  message_deleted,
  draft_outdated,
  scheduled_being_sent,
  too_many_scheduled,
  too_many_uploads,
  upload_offset_mismatch,
  search_superseded,
  upload_version,
  payload_too_large,
  file_too_large,
  quota_workspace,
  quota_user,
  unsupported_media_type,
  unsupported_content_coding,
  range_not_satisfiable,
  invalid_fields,
  password_common,
  password_personal,
  password_unchanged,
  idempotency_key_reused,
  message_too_large,
  upload_locked,
  rate_limited,
  daily_limit,
  headers_too_large,
  checksum_mismatch,
  internal,
  not_implemented,
  chat_busy,
  overloaded,
  database_unavailable,
  nats_unavailable,
  search_unavailable,
  storage_unavailable,
  draining,
  storage_full,
  count,  // how many codes there are; not a code
};

struct ErrorInfo {
  std::string_view code;   // stable, e.g. "chat.not_found"
  int status;              // HTTP
  std::string_view title;  // RFC 9457 `title`
};

// REQUIRES: `code` is not `count`.
const ErrorInfo& describe(ErrorCode code);

struct FieldError {
  std::string field;  // a JSON name, a query parameter, or a path such as "members[2]"
  std::string detail;
};

// A refusal: thrown at the place that finds it, caught once, in http::Router. `detail` is sent to
// the client, so it names nothing internal (tables, hosts, statements).
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& detail) : std::runtime_error{detail}, code_{code} {}
  Error(ErrorCode code, const std::string& detail, std::vector<FieldError> fields)
      : std::runtime_error{detail}, code_{code}, fields_{std::move(fields)} {}

  ErrorCode code() const { return code_; }
  const ErrorInfo& info() const { return describe(code_); }
  const std::vector<FieldError>& fields() const { return fields_; }

  // When the client may try again (429 and 503); nullopt: not known, Retry-After is 1 s then.
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }
  Error& come_again_after(std::chrono::seconds time) {
    retry_after_ = time;
    return *this;
  }

 private:
  ErrorCode code_;
  std::vector<FieldError> fields_;
  std::optional<std::chrono::seconds> retry_after_;
};

// A 422 that names one field.
Error invalid_field(std::string_view field, std::string_view detail);

}  // namespace fechatter
