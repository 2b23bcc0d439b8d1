#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/system.hpp"

// The commands of fechatter_server, run as an operator does.
namespace fechatter::test {

struct CommandResult {
  int code = 0;
  std::string out;
  std::string err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
  std::string all() const { return out + err; }
};

// Runs fechatter_server with these arguments, this environment and what is typed.
CommandResult run_command(const std::vector<std::string>& arguments, const Environment& environment,
                          const std::string& typed = {});

// A running fechatter_server with alice, the owner of the workspace "acme", and bob, and the
// commands beside it with the rights of the schema's owner.
class CommandTest : public testing::Test {
 public:
  static SystemOptions without_notify();

 protected:
  explicit CommandTest(SystemOptions options = without_notify());
  CommandResult run(const std::vector<std::string>& arguments,
                    const std::string& typed = {}) const {
    return run_command(arguments, environment, typed);
  }
  // With --json; the command must end with that code, and the object must name the command.
  nlohmann::json object(const std::vector<std::string>& arguments, int code = 0,
                        const std::string& typed = {}) const;
  // "operator root|user.suspend|user 2" of each row, oldest first.
  std::vector<std::string> audit_rows() const;
  std::int64_t audit_count(const std::string& action) const;
  int sign_in(const std::string& email, const std::string& password) const;

  System system;
  TestDatabase& database = *system.database;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Environment environment;
};

}  // namespace fechatter::test
