#pragma once

#include "fechatter_core/error.hpp"
#include "fechatter_core/repository/message_repository.hpp"

// The refusals of messages that several services have.
namespace fechatter::server {

Error no_such_message();
Error deleted_message();
Error quota_exceeded(UsedUp used_up);

}  // namespace fechatter::server
