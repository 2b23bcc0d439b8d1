#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "fechatter_server/command/config_commands.hpp"
#include "tests/command/command_fixture.hpp"
#include "tests/support/places.hpp"

// `config check|show`, and what all commands have in common. No dependency runs.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ConfigCommands : public testing::Test {
 protected:
  ConfigCommands() {
    make_keys(folder.path());
    environment = {{"FECHATTER_AUTH__PRIVATE_KEY", folder.path("private.pem")},
                   {"FECHATTER_DATABASE__MIGRATIONS", source_path("migrations")}};
  }
  std::string file(const std::string& text) const {
    const auto path = folder.path("fechatter.yml");
    std::ofstream{path} << text;
    return path;
  }
  // What `config show` says of a key.
  json shown(const std::string& key, const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments{"config", "show", "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto result = run_command(arguments, environment);
    EXPECT_EQ(result.code, 0) << result.all();
    const auto object = result.json();
    for (const auto& value : object.at("values")) {
      if (value.at("key") == key) return value;
    }
    return {};
  }

  ScratchFolder folder;
  Environment environment;
};

TEST_F(ConfigCommands, EachSourceIsTheOriginOfTheKeyThatItSets) {
  const auto path = file("server:\n  port: 7001\n  docs: false\ndatabase:\n  pool_size: 3\n");
  environment["FECHATTER_DATABASE__POOL_SIZE"] = "4";
  environment["DATABASE_URL"] = "postgresql://fechatter_app@db/fechatter";
  const std::vector<std::string> options{"--config", path, "--set", "log.level=debug"};
  const auto expected = [](const char* key, const char* value, const std::string& origin) {
    return json{{"key", key}, {"value", value}, {"origin", origin}};
  };
  EXPECT_EQ(shown("server.port", options), expected("server.port", "7001", path + ":2"));
  EXPECT_EQ(shown("server.docs", options), expected("server.docs", "false", path + ":3"));
  EXPECT_EQ(
      shown("database.pool_size", options),
      expected("database.pool_size", "4", "environment variable FECHATTER_DATABASE__POOL_SIZE"));
  EXPECT_EQ(shown("database.url", options),
            expected("database.url", "postgresql://fechatter_app@db/fechatter",
                     "environment variable DATABASE_URL"));
  EXPECT_EQ(shown("log.level", options), expected("log.level", "debug", "flag --set log.level"));
  EXPECT_EQ(shown("database.writers", options), expected("database.writers", "1", "default"));
}

// Whatever is added: the file that describes the settings has the same keys.
TEST_F(ConfigCommands, EveryKeyOfTheShippedFileIsShown) {
  const auto shipped = source_path("config/fechatter_server.yml");
  const auto result = run_command({"config", "show", "--json", "--config", shipped}, {});
  ASSERT_EQ(result.code, 0) << result.all();
  const auto object = result.json();
  int of_the_file = 0;
  for (const auto& value : object.at("values")) {
    of_the_file += value.at("origin").get<std::string>().rfind(shipped, 0) == 0 ? 1 : 0;
  }
  EXPECT_GT(of_the_file, 120);
}

TEST_F(ConfigCommands, NoSecretIsShown) {
  environment["DATABASE_URL"] = "postgresql://app:canary1@db,db2/fechatter?sslpassword=canary2";
  environment["FECHATTER_DATABASE__MIGRATION_URL"] = "host=db password = 'can\\'ary3 x' user=ann";
  environment["NATS_URL"] = "nats://server:canary4@nats:4222";
  environment["FECHATTER_SEARCH__MEILISEARCH_KEY"] = "canary5";
  environment["FECHATTER_FILES__S3__SECRET_ACCESS_KEY"] = "canary6";
  for (const auto* option : {"--origin", "--json"}) {
    const auto result = run_command({"config", "show", option}, environment);
    ASSERT_EQ(result.code, 0) << result.all();
    EXPECT_THAT(result.all(), Not(HasSubstr("canary")));
    EXPECT_THAT(result.all(), Not(HasSubstr("ary3")));
    EXPECT_THAT(result.out, HasSubstr("postgresql://app:********@db,db2/fechatter"));
    EXPECT_THAT(result.out, HasSubstr("password = ******** user=ann"));
    EXPECT_THAT(result.out, HasSubstr("nats://server:********@nats:4222"));
  }
}

TEST_F(ConfigCommands, PathsAndNamesAreNoSecrets) {
  const auto shown_as = [](const char* key, const char* text) {
    return server::masked({key, text, "default", true});
  };
  EXPECT_EQ(shown_as("auth.private_key", "/etc/private.pem"), "/etc/private.pem");
  EXPECT_EQ(shown_as("nats.password_file", "/run/password"), "/run/password");
  EXPECT_EQ(shown_as("files.s3.access_key_id", "AKIA"), "AKIA");
  EXPECT_EQ(shown_as("metrics.token", "x"), "********");
  EXPECT_EQ(shown_as("mail.password", ""), "");
  EXPECT_EQ(shown_as("database.url", "postgresql://ann@db/x?passfile=/p"),
            "postgresql://ann@db/x?passfile=/p");
  EXPECT_EQ(server::masked({"auth.access_token_seconds", "1200", "default", false}), "1200");
}

TEST_F(ConfigCommands, ThePasswordOfEachServerOfAClusterIsMasked) {
  const auto text = server::masked(
      {"nats.url", "nats://a:one@host1:4222,nats://a:two@host2,nats://host3/", "default", true});
  EXPECT_EQ(text, "nats://a:********@host1:4222,nats://a:********@host2,nats://host3/");
}

TEST_F(ConfigCommands, CheckFindsNothingInAGoodConfiguration) {
  const auto result = run_command({"config", "check"}, environment);
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "The configuration is good.\n");
}

TEST_F(ConfigCommands, CheckNamesEachFileThatIsMissing) {
  environment["FECHATTER_AUTH__PRIVATE_KEY"] = folder.path("none.pem");
  environment["FECHATTER_SEARCH__MEILISEARCH_KEY_FILE"] = folder.path("none");
  environment["FECHATTER_DATABASE__MIGRATIONS"] = folder.path("none");
  const auto result = run_command({"config", "check", "--json"}, environment);
  EXPECT_EQ(result.code, 2);
  std::set<std::string> keys;
  const auto object = result.json();
  for (const auto& problem : object.at("problems")) keys.insert(problem.at("key"));
  EXPECT_EQ(keys, (std::set<std::string>{"auth.private_key", "database.migrations",
                                         "search.meilisearch_key_file"}));
}

TEST_F(ConfigCommands, ABadValueIsExitCodeTwoAndNamesItsPlace) {
  const auto path = file("server:\n  prot: 1\n");
  const auto result = run_command({"config", "check", "--config", path, "--json"}, environment);
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr(path + ":2: server.prot: unknown key"));
  EXPECT_THAT(result.json().at("error").at("message").get<std::string>(),
              HasSubstr("server.prot: unknown key"));
}

TEST_F(ConfigCommands, WrongArgumentsAreExitCodeTwo) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"config", "shout"},
                                                    {"admin"},
                                                    {"admin", "suspend"},
                                                    {"--nothing"},
                                                    {"keys", "rotate"},
                                                    {"search", "reindex", "--workspace", "-1"}}) {
    EXPECT_EQ(run_command(arguments, environment).code, 2) << arguments.back();
  }
  EXPECT_EQ(run_command({"--version"}, {}).code, 0);
  EXPECT_EQ(run_command({"admin", "--help"}, {}).code, 0);
}

}  // namespace
}  // namespace fechatter::test
