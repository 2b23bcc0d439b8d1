#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <regex>
#include <set>
#include <sstream>

#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

// The images that docker-compose.yml and the Dockerfile name, the limits of the services, and where
// the servers listen.
namespace fechatter::test {
namespace {

// A tag that one release of the image has: 17.12-trixie, v1.12.8; or a digest. Of Debian,
// PostgreSQL and SeaweedFS two numbers are a release, of the others three.
bool is_exact(const std::string& image) {
  static const std::regex digest{"[^@]+@sha256:[0-9a-f]{64}"};
  static const std::regex two{"(debian|postgres|[a-z]+/seaweedfs):[0-9]+\\.[0-9]+(-[a-z0-9.]+)?"};
  static const std::regex three{"[a-z0-9/.-]+:v?[0-9]+\\.[0-9]+\\.[0-9]+(-[a-z0-9.]+)?"};
  return std::regex_match(image, digest) || std::regex_match(image, two) ||
         std::regex_match(image, three);
}

YAML::Node compose() {
  return YAML::LoadFile(source_path("docker-compose.yml"));
}

// The value of a service's key, which can come from the block that the service merges, or from the
// one that this block merges.
YAML::Node value_of(const YAML::Node& service, const std::string& key) {
  if (service[key]) return service[key];
  const auto merged = service["<<"];
  return merged ? value_of(merged, key) : YAML::Node{YAML::NodeType::Undefined};
}

// Images of FROM and of COPY --from that are no stage of the Dockerfile itself.
std::vector<std::string> images_of_dockerfile() {
  std::istringstream file{read_file(source_path("Dockerfile"))};
  std::set<std::string> stages;
  std::vector<std::string> images;
  const std::regex from{"^FROM (\\S+)(?: AS (\\S+))?$"};
  const std::regex copy{"^COPY --from=(\\S+) .*"};
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    const bool is_from = std::regex_match(line, found, from);
    if (!is_from && !std::regex_match(line, found, copy)) continue;
    if (!stages.contains(found[1])) images.push_back(found[1]);
    if (is_from && found[2].matched) stages.insert(found[2]);
  }
  return images;
}

TEST(Images, AMovingTagIsNoExactVersion) {
  for (const auto* exact :
       {"debian:13.8-slim", "postgres:17.12-trixie", "nats:2.10.29-alpine",
        "getmeili/meilisearch:v1.12.8", "chrislusf/seaweedfs:3.85",
        "nats@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}) {
    EXPECT_TRUE(is_exact(exact)) << exact;
  }
  for (const auto* moving : {"debian", "debian:latest", "debian:trixie-slim", "debian:13-slim",
                             "postgres:17", "postgres:17-trixie", "nats:2.10-alpine", "nats:alpine",
                             "getmeili/meilisearch:v1.12", "nats@sha256:0123"}) {
    EXPECT_FALSE(is_exact(moving)) << moving;
  }
}

TEST(Images, OfTheDockerfileHaveAnExactVersion) {
  const auto images = images_of_dockerfile();
  EXPECT_GE(images.size(), 3U);
  for (const auto& image : images) EXPECT_TRUE(is_exact(image)) << image;
}

TEST(Images, OfComposeHaveAnExactVersionOrAreOurs) {
  int others = 0;
  for (const auto& service : compose()["services"]) {
    const auto image = value_of(service.second, "image").as<std::string>();
    if (image == "fechatter:local") continue;
    ++others;
    EXPECT_TRUE(is_exact(image)) << service.first.as<std::string>() << ": " << image;
  }
  EXPECT_GE(others, 4);
}

TEST(ComposeLimits, EachServiceHasALimitOfProcesses) {
  for (const auto& service : compose()["services"]) {
    const auto limit = value_of(service.second, "pids_limit");
    ASSERT_TRUE(limit.IsDefined()) << service.first.as<std::string>();
    EXPECT_GT(limit.as<int>(), 0) << service.first.as<std::string>();
  }
}

TEST(ComposeLimits, EachServiceThatStaysHasALimitOfMemory) {
  int staying = 0;
  for (const auto& service : compose()["services"]) {
    const auto restart = value_of(service.second, "restart");
    if (!restart.IsDefined() || restart.as<std::string>() == "no") continue;
    ++staying;
    EXPECT_TRUE(value_of(service.second, "mem_limit").IsDefined())
        << service.first.as<std::string>();
  }
  EXPECT_GE(staying, 5);
}

// The shipped files have the defaults (core/config_test.cpp). Neither server speaks TLS.
TEST(ShippedConfiguration, ListensOnThisMachineOnly) {
  for (const auto* name : {"config/fechatter_server.yml", "config/notify_server.yml"}) {
    const auto config = YAML::LoadFile(source_path(name));
    EXPECT_EQ(config["server"]["address"].as<std::string>(), "127.0.0.1") << name;
  }
}

}  // namespace
}  // namespace fechatter::test
