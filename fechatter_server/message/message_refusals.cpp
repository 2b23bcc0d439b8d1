#include "fechatter_server/message/message_refusals.hpp"

namespace fechatter::server {

Error no_such_message() {
  return Error{ErrorCode::message_not_found, "There is no such message."};
}

Error deleted_message() {
  return Error{ErrorCode::message_deleted, "This message is deleted."};
}

}  // namespace fechatter::server
