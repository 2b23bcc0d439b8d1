#pragma once

#include <optional>
#include <string>

// The S3-compatible store of a test run, moto (tests/support/scratch_moto).
namespace fechatter::test {

struct MotoUser {
  std::string key_id;
  std::string key;
};

struct Moto {
  std::string url;
  MotoUser server;     // with the rights of deploy/s3/policy.json
  MotoUser operators;  // with all of them
};

// Nullopt when it could not be installed: then the test skips itself with this reason.
std::optional<Moto> find_moto();
inline constexpr const char* no_moto =
    "NOT TESTED: there is no S3-compatible store. `ctest -R moto_starts` installs moto from PyPI.";

}  // namespace fechatter::test
