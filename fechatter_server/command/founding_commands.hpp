#pragma once

#include <string>

#include "fechatter_server/server_settings.hpp"

// How an operator founds a workspace, whatever auth.sign_up says.
namespace fechatter::server {

struct OwnerArguments {
  std::string workspace;
  std::string email;
  std::string fullname;
};

// `fechatter_server admin create-owner` makes a workspace and its owner, whose password is the
// first line of stdin (a terminal is asked for it twice, without echo). The rules are those of a
// sign-up. 0: made; 1: refused, and stderr names the fields. Throws while the database cannot be
// reached.
int create_owner(const ServerSettings& settings, const OwnerArguments& owner);

// Makes a founding token and prints it to stdout, which is the only copy: the database has its
// hash, no log has it. Prints nothing where auth.sign_up takes no such token, when there is a
// workspace, and while a token printed before has not expired. `database_url` may be that of either
// role. Throws as postgres::Connection does.
void print_founding_token(const ServerSettings& settings, const std::string& database_url);

}  // namespace fechatter::server
