#pragma once

#include "fechatter_core/error.hpp"

// The refusals of messages that several services have.
namespace fechatter::server {

Error no_such_message();
Error deleted_message();

}  // namespace fechatter::server
