#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

// A stranger's tool reads /openapi.json and tries both servers with what it makes of it. Optional:
// schemathesis is a Python program (`pip install schemathesis`), found in PATH.
namespace fechatter::test {
namespace {

std::optional<std::string> find_program(const std::string& name) {
  const auto* path = std::getenv("PATH");
  std::stringstream folders{path ? path : ""};
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto program = folder + "/" + name;
    if (std::filesystem::exists(program)) return program;
  }
  return std::nullopt;
}

class Schemathesis : public testing::Test {
 protected:
  void SetUp() override {
    program = find_program("schemathesis");
    if (program) return;
    GTEST_SKIP()
        << "SKIPPED: schemathesis is not in PATH, so no stranger's tool has tried the API; "
           "`pip install schemathesis` brings it";
  }
  // Tries the operations that `choice` selects, against the server of that port.
  void try_operations(std::uint16_t port, const std::vector<std::string>& choice) {
    System& of = *system;
    std::vector<std::string> command{
        *program,
        "--config-file",
        source_path("tests/e2e/schemathesis.toml"),
        "run",
        fmt::format("http://127.0.0.1:{}/openapi.json", of.server.port()),
        "--url",
        fmt::format("http://127.0.0.1:{}", port),
        "--header",
        "Authorization: Bearer " + tester->token(),
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_headers_conformance,response_schema_conformance,unsupported_method,"
        "negative_data_rejection",
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        "10",
        "--seed",
        "13",
        "--generation-database",
        "none",
        "--no-color"};
    command.insert(command.end(), choice.begin(), choice.end());
    const auto output = of.folder.path("schemathesis.log");
    Process run{command, output, {{"NO_PROXY", "127.0.0.1"}}};
    EXPECT_EQ(run.wait(std::chrono::minutes{2}), 0) << read_file(output);
  }

  // What the examples of the description name is there, so that a request with one defect gets as
  // far as that defect: the users 7 and 8, and the chat 12 of the tester, who owns the workspace.
  void make_examples() {
    constexpr std::int64_t users = 9, chats = 12;
    tester = std::make_unique<Person>(system->signs_up("tester"));
    for (auto id = tester->id(); id < users;) {
      id = system->signs_up(fmt::format("fellow{}", id)).id();
    }
    std::int64_t chat = 0;
    while (chat < chats) chat = tester->makes_chat("PrivateChannel", {7, 8});
    ASSERT_EQ(chat, chats);
  }

  std::optional<std::string> program;
  std::unique_ptr<System> system;
  std::unique_ptr<Person> tester;
};

// Left out: what ends the session of the caller, streams, which do not end, and pages of the web
// client, whose paths are unknown (404) to all methods but GET. Changing the password, which has a
// required body, is tried with what must be refused only.
TEST_F(Schemathesis, FindsNoDefectInTheDescribedApi) {
  system = std::make_unique<System>();
  ASSERT_NO_FATAL_FAILURE(make_examples());
  const std::string of_notify = "^/(events|api/online-users|api/sse/health)$";
  const std::string pages = R"(^/\{page\}$)";
  const std::string ends_the_session = "^/api/(logout.*|refresh|users/change-password)$";
  try_operations(system->server.port(),
                 {"--exclude-path-regex", of_notify + "|" + pages + "|" + ends_the_session});
  try_operations(system->server.port(),
                 {"--include-path", "/api/users/change-password", "--mode", "negative"});
  try_operations(system->notify.port(),
                 {"--include-path-regex", "^/(api/online-users|api/sse/health|health.*)$"});
}

}  // namespace
}  // namespace fechatter::test
