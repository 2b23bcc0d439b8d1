#include "fechatter_server/message/message_refusals.hpp"

namespace fechatter::server {

Error no_such_message() {
  return Error{ErrorCode::message_not_found, "There is no such message."};
}

Error deleted_message() {
  return Error{ErrorCode::message_deleted, "This message is deleted."};
}

Error quota_exceeded(UsedUp used_up) {
  if (used_up == UsedUp::user) {
    return Error{ErrorCode::quota_user, "Your messages take all the storage that a user has."};
  }
  return Error{ErrorCode::quota_workspace,
               "The messages of this workspace take all the storage that it has."};
}

}  // namespace fechatter::server
