#include <fmt/format.h>
#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "fechatter_server/search/meilisearch_client.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

// What docker-compose.yml lets reach what. Docker enforces it; this reads the file.
namespace fechatter::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Names = std::set<std::string>;

class Compose : public testing::Test {
 protected:
  Names services() const { return keys_of(file["services"]); }
  Names networks_of(const std::string& service) const {
    Names names;
    for (const auto& name : file["services"][service]["networks"]) names.insert(name.Scalar());
    return names;
  }
  // The volumes that hold a secret or a key, by the service that mounts them.
  Names secrets_of(const std::string& service) const {
    Names names;
    for (const auto& mount : file["services"][service]["volumes"]) {
      const auto name = mount.Scalar().substr(0, mount.Scalar().find(':'));
      if (name.ends_with("_secret") || name.ends_with("_key")) names.insert(name);
    }
    return names;
  }
  static Names keys_of(const YAML::Node& map) {
    Names names;
    for (const auto& entry : map) names.insert(entry.first.Scalar());
    return names;
  }

  const YAML::Node file = YAML::LoadFile(source_path("docker-compose.yml"));
};

// Two services that share a network reach each other; all others do not.
TEST_F(Compose, AServiceReachesOnlyWhatItWorksWith) {
  Names pairs;
  const auto all = services();
  for (auto one = all.begin(); one != all.end(); ++one) {
    for (auto other = std::next(one); other != all.end(); ++other) {
      for (const auto& network : networks_of(*one)) {
        if (networks_of(*other).contains(network)) pairs.insert(*one + " " + *other);
      }
    }
  }
  EXPECT_THAT(pairs,
              ElementsAre("fechatter_server meilisearch", "fechatter_server nats",
                          "fechatter_server postgres", "fechatter_server prometheus",
                          "fechatter_server s3", "grafana prometheus", "meilisearch search_key",
                          // Both are one-time services of the owner, and end.
                          "migrate postgres", "migrate roles", "nats notify_server",
                          "notify_server postgres", "notify_server prometheus", "postgres roles",
                          "s3 s3_bucket"));
}

// Without a list, a service would be in the default network with all others of its kind.
TEST_F(Compose, EachServiceNamesItsNetworks) {
  for (const auto& service : services()) {
    const auto mode = file["services"][service]["network_mode"];
    if (mode) {
      EXPECT_EQ(mode.Scalar(), "none") << service;
    } else {
      EXPECT_THAT(networks_of(service), testing::Not(IsEmpty())) << service;
    }
    for (const auto& network : networks_of(service)) {
      EXPECT_TRUE(file["networks"][network].IsDefined()) << network;
    }
  }
}

// Only the services whose ports are published are in a network with a way out.
TEST_F(Compose, DataServicesHaveNoWayOut) {
  Names with_a_way_out;
  for (const auto& service : services()) {
    for (const auto& network : networks_of(service)) {
      const auto settings = file["networks"][network];
      const bool internal = settings.IsMap() && settings["internal"].as<bool>(false);
      if (!internal) with_a_way_out.insert(service);
    }
  }
  EXPECT_THAT(with_a_way_out, ElementsAre("fechatter_server", "grafana", "notify_server"));
  for (const auto& service : services()) {
    const bool is_published = file["services"][service]["ports"].IsDefined();
    EXPECT_EQ(is_published, with_a_way_out.contains(service)) << service;
  }
}

// Compose refuses a service that depends on one whose profile is off.
TEST_F(Compose, WhatIsAlwaysStartedDependsOnNothingOfAProfile) {
  Names with_profile;
  for (const auto& service : services()) {
    if (file["services"][service]["profiles"]) with_profile.insert(service);
  }
  EXPECT_THAT(with_profile,
              ElementsAre("grafana", "meilisearch", "prometheus", "s3", "s3_bucket", "search_key"));
  for (const auto& service : services()) {
    if (with_profile.contains(service)) continue;
    for (const auto& needed : keys_of(file["services"][service]["depends_on"])) {
      EXPECT_FALSE(with_profile.contains(needed)) << service << " depends on " << needed;
    }
  }
}

TEST_F(Compose, ASecretIsReadByItsServicesOnly) {
  std::map<std::string, Names> readers;
  for (const auto& service : services()) {
    if (service == "init") continue;  // makes them
    for (const auto& secret : secrets_of(service)) readers[secret].insert(service);
  }
  const std::map<std::string, Names> expected{
      {"superuser_secret", {"postgres", "roles"}},
      {"owner_secret", {"migrate", "roles"}},
      {"application_secret", {"fechatter_server", "roles"}},
      {"notify_secret", {"notify_server", "roles"}},
      {"nats_secret", {"nats"}},
      {"nats_server_secret", {"fechatter_server"}},
      {"nats_notify_secret", {"notify_server"}},
      {"search_secret", {"meilisearch", "search_key"}},
      {"search_server_secret", {"fechatter_server"}},
      {"grafana_secret", {"grafana"}},
      {"s3_secret", {"s3"}},
      {"s3_server_secret", {"fechatter_server"}},
      {"s3_setup_secret", {"s3_bucket"}},
      {"signing_key", {"fechatter_server"}},
      {"verifying_key", {"notify_server"}},
  };
  EXPECT_EQ(readers, expected);
}

TEST_F(Compose, EachServerHasItsOwnLogins) {
  const auto settings = [&](const std::string& service, const std::string& name) {
    return file["services"][service]["environment"][name].Scalar();
  };
  EXPECT_THAT(settings("fechatter_server", "DATABASE_URL"),
              testing::StartsWith("postgresql://fechatter_app@"));
  EXPECT_THAT(settings("notify_server", "DATABASE_URL"),
              testing::StartsWith("postgresql://fechatter_notify@"));
  for (const auto* service : {"fechatter_server", "notify_server"}) {
    EXPECT_EQ(settings(service, "FECHATTER_NATS__USER"), service);
    EXPECT_EQ(settings(service, "FECHATTER_NATS__PASSWORD_FILE"), "/run/nats/password");
  }
}

// init derives the key from its uid, search_key registers it.
TEST_F(Compose, TheKeyOfMeilisearchIsForTheTwoIndexes) {
  const auto key = nlohmann::json::parse(read_file(source_path("deploy/compose/search_key.json")));
  const server::MeilisearchSettings defaults;
  EXPECT_EQ(key.at("indexes"), nlohmann::json({defaults.index, defaults.index + "_next"}));
  for (const std::string action : key.at("actions")) {
    EXPECT_THAT(action, testing::Not(testing::HasSubstr("*")));
    EXPECT_THAT(action, testing::Not(testing::StartsWith("keys.")));
  }
}

}  // namespace
}  // namespace fechatter::test
