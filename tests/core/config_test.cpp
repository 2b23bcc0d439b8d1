#include "fechatter_core/config.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "fechatter_server/server_settings.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

namespace fechatter {
namespace {

using testing::HasSubstr;

class Configuration : public testing::Test {
 protected:
  std::string file(const std::string& text) const {
    const auto path = folder.path("test.yml");
    std::ofstream{path} << text;
    return path;
  }
  // The error message for the sources; empty when they are accepted.
  static std::string refusal(const ConfigSources& sources) {
    try {
      server::load_settings(sources);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }

  test::ScratchFolder folder;
};

TEST_F(Configuration, TheSourceOfHigherPrecedenceWins) {
  const auto path = file("database:\n  pool_size: 2\n  writers: 3\nserver:\n  port: 1000\n");
  const auto settings = server::load_settings(
      {path,
       {{"FECHATTER_DATABASE__POOL_SIZE", "4"}, {"FECHATTER_SERVER__PORT", "2000"}},
       {"server.port=3000"}});
  EXPECT_EQ(settings.port, 3000);
  EXPECT_EQ(settings.pool_size, 4U);
  EXPECT_EQ(settings.writers, 3U);
  EXPECT_EQ(settings.http.body_bytes_max, 1024U * 1024U);
}

TEST_F(Configuration, ACommonVariableWorksAndItsPreciseOneTakesPrecedence) {
  const auto settings = server::load_settings(
      {{}, {{"DATABASE_URL", "a"}, {"NATS_URL", "b"}, {"FECHATTER_NATS__URL", "c"}}, {}});
  EXPECT_EQ(settings.database_url, "a");
  EXPECT_EQ(settings.nats.url, "c");
}

TEST_F(Configuration, AnUnknownKeyIsNamedWithFileAndLine) {
  const auto path = file("database:\n  pool_size: 2\n  pool_sze: 3\n");
  EXPECT_EQ(refusal({path, {}, {}}), path + ":3: database.pool_sze: unknown key");
  EXPECT_THAT(refusal({{}, {{"FECHATTER_DATABASE__POOL_SZE", "1"}}, {}}),
              HasSubstr("FECHATTER_DATABASE__POOL_SZE: database.pool_sze: unknown key"));
  EXPECT_THAT(refusal({{}, {}, {"nope.nope=1"}}), HasSubstr("nope.nope: unknown key"));
}

TEST_F(Configuration, AWrongTypeOrABadValueIsNamedWithFileAndLine) {
  const auto path = file("server:\n  port: many\n");
  EXPECT_EQ(refusal({path, {}, {}}), path + ":2: server.port: must be a whole number");
  EXPECT_THAT(refusal({{}, {{"FECHATTER_SERVER__PORT", "70000"}}, {}}),
              HasSubstr("server.port: must be in 0..65535"));
  EXPECT_THAT(refusal({{}, {}, {"events.fan_out_member_limit=1"}}),
              HasSubstr("events.fan_out_member_limit: must be in 2..10000"));
  EXPECT_THAT(refusal({{}, {}, {"auth.workspace_join=sometimes"}}),
              HasSubstr("must be one of invitation, open"));
  EXPECT_THAT(refusal({{}, {}, {"auth.sign_up=sometimes"}}),
              HasSubstr("must be one of invitation, closed, open"));
  EXPECT_THAT(refusal({{}, {}, {"database.migrate_at_start=yes"}}),
              HasSubstr("must be true or false"));
}

TEST_F(Configuration, AListIsAYamlSequenceOrIsSeparatedByCommas) {
  const auto path = file("http:\n  trusted_proxies: [10.0.0.0/8, \"::1\"]\n");
  const auto settings = server::load_settings(
      {path, {{"FECHATTER_HTTP__CORS_ORIGINS", "https://a.example,https://b.example"}}, {}});
  EXPECT_THAT(settings.edge.trusted_proxies, testing::ElementsAre("10.0.0.0/8", "::1"));
  EXPECT_THAT(settings.edge.cors_origins,
              testing::ElementsAre("https://a.example", "https://b.example"));
}

TEST_F(Configuration, ABadListElementIsNamedWithItsIndex) {
  const auto path = file("http:\n  trusted_proxies: [10.0.0.0/8, proxy]\n");
  EXPECT_EQ(refusal({path, {}, {}}),
            path + ":2: http.trusted_proxies: proxy is no address and no CIDR block");
  EXPECT_THAT(refusal({{}, {}, {"http.cors_origins=https://a.example,*"}}),
              HasSubstr("http.cors_origins: * is no origin"));
}

TEST_F(Configuration, AnUnreadableFileStopsTheStart) {
  EXPECT_THAT(refusal({folder.path("missing.yml"), {}, {}}), HasSubstr("cannot be read"));
  EXPECT_THAT(refusal({file("a: [1\n"), {}, {}}), HasSubstr("test.yml:"));
  EXPECT_THAT(refusal({file("server: 7\n"), {}, {}}), HasSubstr("test.yml:1: server:"));
  EXPECT_THAT(refusal({file("server:\n  port:\n    - 1\n"), {}, {}}), HasSubstr("single value"));
}

TEST_F(Configuration, ThePasswordOfNatsIsTheFirstLineOfItsFile) {
  std::ofstream{folder.path("password")} << "secret\n";
  const auto settings = server::load_settings(
      {{},
       {{"FECHATTER_NATS__USER", "me"}, {"FECHATTER_NATS__PASSWORD_FILE", folder.path("password")}},
       {}});
  EXPECT_EQ(settings.nats.user, "me");
  EXPECT_EQ(settings.nats.password, "secret");
  EXPECT_EQ(settings.nats.inbox, "_INBOX.fechatter_server");
  EXPECT_THAT(refusal({{}, {}, {"nats.password_file=" + folder.path("missing")}}),
              HasSubstr("nats.password_file"));
}

TEST_F(Configuration, NeitherFoundsNorJoinsAStrangerAWorkspaceByDefault) {
  const auto rules = server::load_settings({}).auth.sign_up;
  EXPECT_EQ(rules.founding, Founding::invitation);
  EXPECT_EQ(rules.join, WorkspaceJoin::invitation);
  const auto closed = server::load_settings({{}, {{"FECHATTER_AUTH__SIGN_UP", "closed"}}, {}});
  EXPECT_EQ(closed.auth.sign_up.founding, Founding::closed);
  const auto open = server::load_settings({{}, {}, {"auth.sign_up=open"}});
  EXPECT_EQ(open.auth.sign_up.founding, Founding::open);
}

TEST_F(Configuration, ServiceVariablesOfKubernetesAreIgnored) {
  EXPECT_EQ(refusal({{}, {{"FECHATTER_SERVER_SERVICE_HOST", "10.0.0.1"}}, {}}), "accepted");
}

TEST_F(Configuration, ASectionWithinASectionIsReadFromEachSource) {
  const auto bucket_of = [&](const ConfigSources& sources) {
    server::ServerSettings settings;
    Config config;
    bind(config, settings);
    config.load(sources);
    return settings.files.s3.bucket;
  };
  EXPECT_EQ(bucket_of({file("files:\n  s3:\n    bucket: ours\n"), {}, {}}), "ours");
  EXPECT_EQ(bucket_of({{}, {{"FECHATTER_FILES__S3__BUCKET", "ours"}}, {}}), "ours");
  EXPECT_EQ(bucket_of({{}, {}, {"files.s3.bucket=ours"}}), "ours");
  EXPECT_THAT(refusal({file("files:\n  s3:\n    bucket:\n      name: x\n"), {}, {}}),
              HasSubstr("files.s3.bucket: must be a single value"));
  EXPECT_THAT(refusal({file("files:\n  s4:\n    bucket: x\n"), {}, {}}),
              HasSubstr("files.s4.bucket: unknown key"));
}

TEST_F(Configuration, TheShippedFileContainsEveryKeyWithItsDefault) {
  server::ServerSettings shipped;
  Config config;
  bind(config, shipped);
  const std::string path = test::source_path("config/fechatter_server.yml");
  config.load({path, {}, {}});
  const server::ServerSettings defaults;
  EXPECT_EQ(shipped.port, defaults.port);
  EXPECT_EQ(shipped.sign_up, defaults.sign_up);
  EXPECT_EQ(shipped.workspace_join, defaults.workspace_join);
  EXPECT_EQ(shipped.database_url, defaults.database_url);
  EXPECT_EQ(shipped.http.connections_per_address_max, defaults.http.connections_per_address_max);
  EXPECT_EQ(shipped.edge.limits.sign_in.count, defaults.edge.limits.sign_in.count);
  EXPECT_EQ(shipped.edge.limits.account.count, defaults.edge.limits.account.count);
  EXPECT_EQ(shipped.edge.limits.address.burst, defaults.edge.limits.address.burst);
  EXPECT_EQ(shipped.edge.limits.user.burst, defaults.edge.limits.user.burst);
  EXPECT_THAT(shipped.edge.cors_origins, testing::IsEmpty());
  const auto text = test::read_file(path);
  for (const auto& key : config.keys()) {
    const auto depth = static_cast<std::size_t>(std::count(key.begin(), key.end(), '.'));
    const auto name = key.substr(key.rfind('.') + 1);
    EXPECT_THAT(text, HasSubstr('\n' + std::string(2 * depth, ' ') + name + ": ")) << key;
  }
}

}  // namespace
}  // namespace fechatter
