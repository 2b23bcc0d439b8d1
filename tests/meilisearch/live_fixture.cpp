#include "tests/meilisearch/live_fixture.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "tests/support/services.hpp"

namespace fechatter::test {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Server {
  ScratchFolder folder;
  Process process;
};
std::unique_ptr<Server> started;

// The address of the real server, if the environment names one.
std::optional<server::MeilisearchSettings> server_settings() {
  static server::MeilisearchSettings settings;
  settings.key = environment("FECHATTER_TEST_MEILISEARCH_KEY");
  settings.url = environment("FECHATTER_TEST_MEILISEARCH_URL");
  const auto binary = environment("FECHATTER_TEST_MEILISEARCH_BIN");
  if (!settings.url.empty()) return settings;
  if (binary.empty()) return std::nullopt;
  settings.key = "a key of sixteen bytes or more";
  static const auto address = "127.0.0.1:" + std::to_string(free_port());
  settings.url = "http://" + address;
  if (!started) {
    started = std::make_unique<Server>();
    const auto path = [](const char* name) { return started->folder.path(name); };
    started->process =
        Process{{binary, "--http-addr", address, "--db-path", path("data"), "--dump-dir",
                 path("dumps"), "--snapshot-dir", path("snapshots"), "--master-key", settings.key,
                 "--no-analytics", "--max-indexing-memory", "256MiB"},
                path("log")};
  }
  return settings;
}

bool is_up(const server::MeilisearchSettings& settings) {
  server::MeilisearchClient client{settings};
  return eventually([&] { return !is_unavailable([&] { client.check_health(); }); });
}

}  // namespace

void IndexInMeilisearch::SetUp() {
  static int number = 0;
  const auto found = server_settings();
  if (!found) {
    GTEST_SKIP() << "NOT TESTED: there is no real Meilisearch. Set FECHATTER_TEST_MEILISEARCH_URL "
                    "or FECHATTER_TEST_MEILISEARCH_BIN.";
  }
  settings = *found;
  settings.index = "test_" + std::to_string(getpid()) + "_" + std::to_string(++number);
  ASSERT_TRUE(is_up(settings));
  index = std::make_unique<server::MeilisearchIndex>(settings);
}

void IndexInMeilisearch::TearDown() {
  if (!index) return;
  server::MeilisearchWriter writer{settings};
  writer.drop_index(settings.index);
  writer.drop_index(server::build_index_name(settings));
}

void IndexInMeilisearch::TearDownTestSuite() {
  started.reset();
}

}  // namespace fechatter::test
