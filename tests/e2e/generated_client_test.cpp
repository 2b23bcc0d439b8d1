#include <gmock/gmock.h>

#include <chrono>
#include <fstream>

#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

// A client that is generated from /openapi.json alone does with a chat all that there is to do:
// tests/e2e/client. Optional: the generator is a Python program, which is installed from PyPI.
namespace fechatter::test {
namespace {

using std::chrono::minutes;

constexpr int not_installed = 3;  // exit code of tests/e2e/client/generate

const std::string client_folder{source_path("tests/e2e/client/")};
// Beside the other files of a test run in the folder of the build.
const std::string venv{scratch_file() + "_client_venv"};

class GeneratedClient : public testing::Test {
 protected:
  // Presence changes are fanned out soon.
  static SystemOptions options() {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "500"},
                      {"FECHATTER_EVENTS__PRESENCE_GRACE_MS", "50"},
                      {"FECHATTER_EVENTS__PRESENCE_DIGEST_MS", "400"},
                      {"FECHATTER_EVENTS__PRESENCE_INTERVAL_MS", "100"}};
    return options;
  }
  static std::string url(const Server& server) {
    return "http://127.0.0.1:" + std::to_string(server.port());
  }
  // Installs the generator where it is not, and runs it.
  void SetUp() override {
    description = folder.path("openapi.json");
    std::ofstream{description} << system.get("/openapi.json").body;
    const auto log = folder.path("generate.log");
    Process generator{{client_folder + "generate", venv, description, folder.path()}, log};
    const auto code = generator.wait(minutes{5});
    if (code == not_installed) {
      GTEST_SKIP() << "SKIPPED: openapi-python-client is not installed and cannot be, so no client "
                      "was generated from the description: "
                   << read_file(log);
    }
    ASSERT_EQ(code, 0) << read_file(log);
  }

  System system{options()};
  ScratchFolder folder;
  std::string description;
};

TEST_F(GeneratedClient, IsMadeWithoutAWarningAndDoesEveryItem) {
  const auto log = folder.path("items.log");
  Process items{
      {venv + "/bin/python", client_folder + "run.py", description, url(system.server),
       url(system.notify)},
      log,
      {{"PYTHONPATH", folder.path()}, {"PYTHONDONTWRITEBYTECODE", "1"}, {"NO_PROXY", "127.0.0.1"}}};
  EXPECT_EQ(items.wait(minutes{5}), 0) << read_file(log);
}

}  // namespace
}  // namespace fechatter::test
