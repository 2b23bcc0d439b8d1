#include "fechatter_core/error.hpp"

namespace fechatter {

const ErrorInfo& describe(ErrorCode code) {
  static constexpr ErrorInfo malformed_request{"request.malformed", 400, "Malformed request"};
  static constexpr ErrorInfo malformed_json{"request.malformed_json", 400, "Malformed JSON"};
  static constexpr ErrorInfo malformed_id{"request.malformed_id", 400, "Malformed id"};
  static constexpr ErrorInfo unauthenticated{"auth.unauthenticated", 401, "Not signed in"};
  static constexpr ErrorInfo credentials{"auth.invalid_credentials", 401, "Sign-in refused"};
  static constexpr ErrorInfo refresh{"auth.invalid_refresh_token", 401, "Session is over"};
  static constexpr ErrorInfo suspended{"auth.suspended", 403, "Account suspended"};
  static constexpr ErrorInfo forbidden{"auth.forbidden", 403, "Not allowed"};
  static constexpr ErrorInfo invitation{"auth.invitation_required", 403, "Invitation required"};
  static constexpr ErrorInfo not_found{"request.not_found", 404, "Not found"};
  static constexpr ErrorInfo no_chat{"chat.not_found", 404, "Chat not found"};
  static constexpr ErrorInfo no_member{"chat.member_not_found", 404, "Member not found"};
  static constexpr ErrorInfo no_message{"message.not_found", 404, "Message not found"};
  static constexpr ErrorInfo method{"request.method_not_allowed", 405, "Method not allowed"};
  static constexpr ErrorInfo timeout{"request.timeout", 408, "Request timed out"};
  static constexpr ErrorInfo email{"auth.email_taken", 409, "E-mail already registered"};
  static constexpr ErrorInfo chat_name{"chat.name_taken", 409, "Channel name already taken"};
  static constexpr ErrorInfo hand_over{"chat.owner_must_hand_over", 409, "Owner must hand over"};
  static constexpr ErrorInfo deleted{"message.deleted", 409, "Message is deleted"};
  static constexpr ErrorInfo too_large{"request.too_large", 413, "Request body too large"};
  static constexpr ErrorInfo media{"request.unsupported_media_type", 415, "Unsupported media type"};
  static constexpr ErrorInfo fields{"request.invalid_fields", 422, "Invalid fields"};
  static constexpr ErrorInfo key{"message.idempotency_key_reused", 422, "Idempotency key reused"};
  static constexpr ErrorInfo limited{"request.rate_limited", 429, "Too many requests"};
  static constexpr ErrorInfo headers{"request.headers_too_large", 431, "Request header too large"};
  static constexpr ErrorInfo internal{"server.internal", 500, "Internal error"};
  static constexpr ErrorInfo busy{"chat.busy", 503, "Chat is busy"};
  static constexpr ErrorInfo overloaded{"server.overloaded", 503, "Server is overloaded"};
  static constexpr ErrorInfo database{"server.database_unavailable", 503, "Database unavailable"};
  static constexpr ErrorInfo nats{"server.nats_unavailable", 503, "Event log unavailable"};
  static constexpr ErrorInfo search{"search.unavailable", 503, "Search unavailable"};
  static constexpr ErrorInfo draining{"server.draining", 503, "Server is shutting down"};
  switch (code) {
    case ErrorCode::malformed_request: return malformed_request;
    case ErrorCode::malformed_json: return malformed_json;
    case ErrorCode::malformed_id: return malformed_id;
    case ErrorCode::unauthenticated: return unauthenticated;
    case ErrorCode::invalid_credentials: return credentials;
    case ErrorCode::invalid_refresh_token: return refresh;
    case ErrorCode::user_suspended: return suspended;
    case ErrorCode::forbidden: return forbidden;
    case ErrorCode::invitation_required: return invitation;
    case ErrorCode::not_found: return not_found;
    case ErrorCode::chat_not_found: return no_chat;
    case ErrorCode::no_such_member: return no_member;
    case ErrorCode::message_not_found: return no_message;
    case ErrorCode::method_not_allowed: return method;
    case ErrorCode::request_timeout: return timeout;
    case ErrorCode::email_taken: return email;
    case ErrorCode::chat_name_taken: return chat_name;
    case ErrorCode::owner_must_hand_over: return hand_over;
    case ErrorCode::message_deleted: return deleted;
    case ErrorCode::payload_too_large: return too_large;
    case ErrorCode::unsupported_media_type: return media;
    case ErrorCode::invalid_fields: return fields;
    case ErrorCode::idempotency_key_reused: return key;
    case ErrorCode::rate_limited: return limited;
    case ErrorCode::headers_too_large: return headers;
    case ErrorCode::internal: return internal;
    case ErrorCode::chat_busy: return busy;
    case ErrorCode::overloaded: return overloaded;
    case ErrorCode::database_unavailable: return database;
    case ErrorCode::nats_unavailable: return nats;
    case ErrorCode::search_unavailable: return search;
    case ErrorCode::draining: return draining;
  }
  return internal;
}

Error invalid_field(std::string_view field, std::string_view detail) {
  return Error{ErrorCode::invalid_fields,
               std::string{field} + ": " + std::string{detail},
               {{std::string{field}, std::string{detail}}}};
}

}  // namespace fechatter
