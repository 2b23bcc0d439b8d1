#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/command/command_fixture.hpp"
#include "tests/support/places.hpp"
#include "tests/support/schema_folder.hpp"

// `migrate status|plan|verify`.
namespace fechatter::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

class MigrateCommands : public testing::Test {
 protected:
  nlohmann::json object(const Names& arguments, int code = 0) const {
    auto with_json = arguments;
    with_json.push_back("--json");
    const auto result = run_command(with_json, environment);
    EXPECT_EQ(result.code, code) << result.all();
    return result.json();
  }
  Names differences(int code = 1) const {
    return object({"migrate", "verify"}, code).at("differences");
  }
  void empty_the_schema() {
    database.query(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC");
  }

  TestDatabase database;
  Environment environment{{"DATABASE_URL", database.url()},
                          {"FECHATTER_DATABASE__MIGRATION_URL", database.owner_url()},
                          {"FECHATTER_DATABASE__MIGRATIONS", source_path("migrations")},
                          {"FECHATTER_AUTH__SIGN_UP", "open"}};
  const std::size_t files = our_schema().migrations.size();
};

TEST_F(MigrateCommands, StatusSaysOfEachMigrationWhenItWasApplied) {
  const auto status = object({"migrate", "status"});
  ASSERT_EQ(status.at("migrations").size(), files);
  EXPECT_EQ(status.at("migrations")[0].at("name"), "0001_accounts.sql");
  EXPECT_EQ(status.at("migrations")[0].at("state"), "applied");
  EXPECT_THAT(status.at("migrations")[0].at("applied_at").get<std::string>(),
              testing::EndsWith("Z"));
  EXPECT_EQ(status.at("pending"), false);
}

TEST_F(MigrateCommands, APlanIsWhatMigrateThenApplies) {
  empty_the_schema();
  EXPECT_EQ(object({"migrate", "status"}).at("pending"), true);
  const Names planned = object({"migrate", "plan"}).at("steps");
  EXPECT_EQ(planned.size(), files + 1);
  EXPECT_EQ(object({"migrate", "plan"}).at("locks_all_tables"), true);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
  const auto applied = object({"migrate"});
  EXPECT_EQ(applied.at("applied"), planned);
  EXPECT_EQ(applied.at("request_id"),
            database.query("SELECT request_id FROM audit_log WHERE action = 'schema.migrate'")[0][0]
                .c_str());
  EXPECT_THAT(object({"migrate", "plan"}).at("steps").get<Names>(), IsEmpty());
  EXPECT_THAT(object({"migrate"}).at("applied").get<Names>(), IsEmpty());
  EXPECT_EQ(database.number("SELECT count(*) FROM audit_log"), 1);
}

TEST_F(MigrateCommands, VerifyFindsNothingAfterMigrating) {
  EXPECT_THAT(differences(0), IsEmpty());
  EXPECT_EQ(run_command({"migrate", "verify"}, environment).out,
            "The database is what the files say.\n");
}

TEST_F(MigrateCommands, VerifyFindsWhatWasChangedByHand) {
  database.query(
      "CREATE OR REPLACE FUNCTION runs_workspace(in_workspace bigint, caller bigint)"
      " RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';"
      "CREATE FUNCTION back_door() RETURNS int LANGUAGE sql AS 'SELECT 1';"
      "CREATE OR REPLACE VIEW user_rows AS SELECT u.id, u.workspace_id, u.fullname, u.email,"
      " u.status, u.role, u.avatar_url, u.title, u.bio, 0::bigint AS created_at FROM users u");
  EXPECT_THAT(differences(), ElementsAre("changed view user_rows",
                                         "changed function runs_workspace(bigint,bigint)",
                                         "foreign function back_door()"));
  // It was a comparison.
  EXPECT_EQ(database.number("SELECT runs_workspace(1, 1)::int"), 1);
}

TEST_F(MigrateCommands, VerifyFindsAFileThatHasChangedAndOneThatIsMissing) {
  database.query(
      "UPDATE schema_migrations SET checksum = '\\x00' WHERE version = 2;"
      "DELETE FROM schema_migrations WHERE version = 3;"
      "INSERT INTO schema_migrations (version, name, checksum) VALUES (999, '0999_x.sql', "
      "'\\x00')");
  EXPECT_THAT(differences(), testing::IsSupersetOf({"changed migration 0002_chats.sql",
                                                    "pending migration 0003_messages.sql",
                                                    "unknown migration 0999_x.sql"}));
}

TEST_F(MigrateCommands, TheServersRoleMayLookAndNotVerifyFunctions) {
  environment.erase("FECHATTER_DATABASE__MIGRATION_URL");
  EXPECT_EQ(object({"migrate", "status"}).at("pending"), false);
  EXPECT_THAT(object({"migrate", "plan"}).at("steps").get<Names>(), IsEmpty());
  const auto refused = run_command({"migrate", "verify"}, environment);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("database.migration_url"));
}

}  // namespace
}  // namespace fechatter::test
