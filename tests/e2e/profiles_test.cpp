#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

// Profiles of a real server under load, read by pprof.
namespace fechatter::test {
namespace {

using testing::HasSubstr;

constexpr const char* token = "a-token-for-profiles";

class ProfilesOfAServer : public testing::Test {
 protected:
  std::string write_token() const {
    auto path = folder.path("token");
    std::ofstream{path} << token << "\n";
    return path;
  }

  Reply ask(const std::string& what, const Headers& headers) const {
    return request(system.server.admin_port(), "GET", "/debug/pprof/" + what, {}, headers);
  }

  const Headers authorized{{"Authorization", fmt::format("Bearer {}", token)}};
  const ScratchFolder folder;
  const std::string token_file = write_token();
  System system{[this] {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_ADMIN__PROFILE_TOKEN_FILE", token_file}};
    return options;
  }()};
};

TEST_F(ProfilesOfAServer, AreReadByPprof) {
  const auto alice = system.signs_up("alice");
  std::atomic<bool> ended = false;
  std::thread load{[&] {
    while (!ended) request(system.server.port(), "GET", "/api/chat", {}, alice.bearer());
  }};
  const auto profile = ask("profile?seconds=3", authorized);
  ended = true;
  load.join();
  if (profile.status == 404) {
    GTEST_SKIP() << "SKIPPED: there is no libprofiler.so.0, so no profile was taken; Debian's "
                    "package google-perftools brings it";
  }
  ASSERT_EQ(profile.status, 200);
  if (std::system("command -v google-pprof >/dev/null") != 0) {
    GTEST_SKIP() << "SKIPPED: google-pprof is not in PATH, so the profile was not read";
  }
  const auto path = folder.path("cpu.prof");
  std::ofstream{path} << profile.body;
  const auto text =
      run({"sh", "-c", "google-pprof --text \"$0\" \"$1\" 2>/dev/null", server_program(), path});
  EXPECT_THAT(text, HasSubstr("Total: "));
  EXPECT_THAT(text, HasSubstr("fechatter::"));
}

TEST_F(ProfilesOfAServer, NeedTheTokenAndTheListenerForOperators) {
  EXPECT_EQ(ask("profile?seconds=1", {}).status, 401);
  EXPECT_EQ(ask("cmdline", {{"Authorization", "Bearer another-one-of-that-length"}}).status, 401);
  EXPECT_EQ(ask("cmdline", authorized).status, 200);
  EXPECT_EQ(request(system.server.port(), "GET", "/debug/pprof/cmdline", {}, authorized).status,
            404);
}

// Arguments may hold passwords.
TEST_F(ProfilesOfAServer, NameNoArgumentOfTheProgram) {
  const auto answer = ask("cmdline", authorized);
  EXPECT_EQ(answer.body, server_program());
}

}  // namespace
}  // namespace fechatter::test
