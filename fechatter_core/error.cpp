#include "fechatter_core/error.hpp"

#include <iterator>

namespace fechatter {
namespace {

struct Row {
  ErrorCode code{};
  ErrorInfo info;
};

// In the order of the enum, so that a code is its row's index.
constexpr Row table[] = {
    {ErrorCode::malformed_request, {"request.malformed", 400, "Malformed request"}},
    {ErrorCode::malformed_json, {"request.malformed_json", 400, "Malformed JSON"}},
    {ErrorCode::malformed_id, {"request.malformed_id", 400, "Malformed id"}},
    {ErrorCode::unauthenticated, {"auth.unauthenticated", 401, "Not signed in"}},
    {ErrorCode::invalid_credentials, {"auth.invalid_credentials", 401, "Sign-in refused"}},
    {ErrorCode::invalid_refresh_token, {"auth.invalid_refresh_token", 401, "Session is over"}},
    {ErrorCode::user_suspended, {"auth.suspended", 403, "Account suspended"}},
    {ErrorCode::forbidden, {"auth.forbidden", 403, "Not allowed"}},
    {ErrorCode::invitation_required, {"auth.invitation_required", 403, "Invitation required"}},
    {ErrorCode::foreign_page, {"auth.foreign_page", 403, "Page of another origin"}},
    {ErrorCode::chat_archived, {"chat.archived", 403, "Chat is archived"}},
    {ErrorCode::chat_read_only, {"chat.read_only", 403, "Chat is read-only"}},
    {ErrorCode::not_found, {"request.not_found", 404, "Not found"}},
    {ErrorCode::chat_not_found, {"chat.not_found", 404, "Chat not found"}},
    {ErrorCode::no_such_member, {"chat.member_not_found", 404, "Member not found"}},
    {ErrorCode::message_not_found, {"message.not_found", 404, "Message not found"}},
    {ErrorCode::scheduled_not_found, {"scheduled.not_found", 404, "Scheduled message not found"}},
    {ErrorCode::file_not_found, {"file.not_found", 404, "File not found"}},
    {ErrorCode::upload_not_found, {"upload.not_found", 404, "Upload not found"}},
    {ErrorCode::method_not_allowed, {"request.method_not_allowed", 405, "Method not allowed"}},
    {ErrorCode::request_timeout, {"request.timeout", 408, "Request timed out"}},
    {ErrorCode::email_taken, {"auth.email_taken", 409, "E-mail already registered"}},
    {ErrorCode::chat_name_taken, {"chat.name_taken", 409, "Channel name already taken"}},
    {ErrorCode::owner_must_hand_over, {"chat.owner_must_hand_over", 409, "Owner must hand over"}},
    {ErrorCode::too_many_invitations,
     {"workspace.too_many_invitations", 409, "Too many open invitations"}},
    {ErrorCode::message_deleted, {"message.deleted", 409, "Message is deleted"}},
    {ErrorCode::draft_outdated, {"draft.outdated", 409, "Draft has a newer version"}},
    {ErrorCode::scheduled_being_sent, {"scheduled.being_sent", 409, "Message is being sent"}},
    {ErrorCode::too_many_scheduled, {"scheduled.too_many", 409, "Too many scheduled messages"}},
    {ErrorCode::too_many_uploads, {"upload.too_many", 409, "Too many unfinished uploads"}},
    {ErrorCode::upload_offset_mismatch,
     {"upload.offset_mismatch", 409, "Upload is at another offset"}},
    {ErrorCode::search_superseded, {"search.superseded", 409, "Search superseded"}},
    {ErrorCode::upload_version, {"upload.version", 412, "Version of tus not supported"}},
    {ErrorCode::payload_too_large, {"request.too_large", 413, "Request body too large"}},
    {ErrorCode::file_too_large, {"file.too_large", 413, "File too large"}},
    {ErrorCode::quota_workspace, {"quota.workspace", 413, "Storage of the workspace used up"}},
    {ErrorCode::quota_user, {"quota.user", 413, "Storage of the user used up"}},
    {ErrorCode::unsupported_media_type,
     {"request.unsupported_media_type", 415, "Unsupported media type"}},
    {ErrorCode::unsupported_content_coding,
     {"request.unsupported_content_coding", 415, "Unsupported content coding"}},
    {ErrorCode::range_not_satisfiable,
     {"request.range_not_satisfiable", 416, "Range not satisfiable"}},
    {ErrorCode::invalid_fields, {"request.invalid_fields", 422, "Invalid fields"}},
    {ErrorCode::password_common, {"auth.password_common", 422, "Password too common"}},
    {ErrorCode::password_personal,
     {"auth.password_personal", 422, "Password contains a name of its user"}},
    {ErrorCode::password_unchanged, {"auth.password_unchanged", 422, "Password unchanged"}},
    {ErrorCode::idempotency_key_reused,
     {"message.idempotency_key_reused", 422, "Idempotency key reused"}},
    {ErrorCode::message_too_large, {"message.too_large", 422, "Message too large"}},
    {ErrorCode::upload_locked, {"upload.locked", 423, "Upload is locked"}},
    {ErrorCode::rate_limited, {"request.rate_limited", 429, "Too many requests"}},
    {ErrorCode::daily_limit, {"chat.daily_limit", 429, "Limit of the day reached"}},
    {ErrorCode::headers_too_large, {"request.headers_too_large", 431, "Request header too large"}},
    {ErrorCode::checksum_mismatch, {"upload.checksum_mismatch", 460, "Checksum mismatch"}},
    {ErrorCode::internal, {"server.internal", 500, "Internal error"}},
    {ErrorCode::not_implemented, {"request.not_implemented", 501, "Not implemented"}},
    {ErrorCode::chat_busy, {"chat.busy", 503, "Chat is busy"}},
    {ErrorCode::overloaded, {"server.overloaded", 503, "Server is overloaded"}},
    {ErrorCode::database_unavailable, {"server.database_unavailable", 503, "Database unavailable"}},
    {ErrorCode::nats_unavailable, {"server.nats_unavailable", 503, "Event log unavailable"}},
    {ErrorCode::search_unavailable, {"search.unavailable", 503, "Search unavailable"}},
    {ErrorCode::storage_unavailable, {"storage.unavailable", 503, "File store unavailable"}},
    {ErrorCode::draining, {"server.draining", 503, "Server is shutting down"}},
    {ErrorCode::storage_full, {"storage.full", 507, "File store is full"}},
};

constexpr std::size_t index_of(ErrorCode code) {
  return static_cast<std::size_t>(code);
}

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i) {
    if (index_of(table[i].code) != i) return false;
  }
  return true;
}

static_assert(std::size(table) == index_of(ErrorCode::count), "each code has one row");
static_assert(is_in_order(), "the rows stand in the order of the codes");

}  // namespace

const ErrorInfo& describe(ErrorCode code) {
  return table[index_of(code)].info;
}

Error invalid_field(std::string_view field, std::string_view detail) {
  return Error{ErrorCode::invalid_fields,
               std::string{field} + ": " + std::string{detail},
               {{std::string{field}, std::string{detail}}}};
}

}  // namespace fechatter
