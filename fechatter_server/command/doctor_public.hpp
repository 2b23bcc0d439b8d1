#pragma once

#include <string>

#include "fechatter_server/command/finding.hpp"

namespace fechatter::server {

// Where browsers reach the installation: both servers behind one gateway.
struct PublicAddress {
  std::string url;    // https://chat.example.com
  std::string email;  // empty: no stream is opened
};

// Whether the gateway leads to both servers, and, when a user is named, whether events come through
// it at once: the user signs in with the password on stdin, opens a stream, and signs out. Nothing
// throws.
void check_public_address(Findings& findings, const PublicAddress& address);

}  // namespace fechatter::server
