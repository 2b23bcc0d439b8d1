#include "fechatter_core/postgres/migrations.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "tests/support/places.hpp"
#include "tests/support/services.hpp"

namespace fechatter::postgres {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* definitions = "definitions of release 1";

class Migrations : public testing::Test {
 protected:
  // An empty schema: the fixture's databases come with all migrations applied.
  Migrations() {
    database.query(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        " GRANT USAGE ON SCHEMA public TO PUBLIC");
    write("release", "1");
  }

  void write(const std::string& name, const std::string& sql) const {
    std::ofstream{folder.path(name)} << sql;
  }
  std::vector<std::string> apply() const {
    return migrate(database.owner_url(), read_schema(folder.path()));
  }
  std::string refusal() const {
    try {
      apply();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "applied";
  }

  test::TestDatabase database;
  test::ScratchFolder folder;
};

TEST_F(Migrations, AreAppliedOnceAndInOrder) {
  write("0002_second.sql", "INSERT INTO a VALUES (2)");
  write("0001_first.sql", "CREATE TABLE a (n integer); INSERT INTO a VALUES (1)");
  write("README.md", "no migration");
  EXPECT_THAT(apply(), ElementsAre("0001_first.sql", "0002_second.sql", definitions));
  EXPECT_THAT(apply(), IsEmpty());
  EXPECT_EQ(database.number("SELECT count(*) FROM a"), 2);
}

TEST_F(Migrations, AFailedOneIsRolledBackAndStopsTheRest) {
  write("0001_first.sql", "CREATE TABLE a (n integer); SELECT 1 / 0");
  write("0002_second.sql", "CREATE TABLE b (n integer)");
  EXPECT_THAT(refusal(), HasSubstr("0001_first.sql"));
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
                            " AND tablename IN ('a', 'b')"),
            0);
  write("0001_first.sql", "CREATE TABLE a (n integer)");
  EXPECT_THAT(apply(), ElementsAre("0001_first.sql", "0002_second.sql", definitions));
}

TEST_F(Migrations, AreAppliedTogetherOrNotAtAll) {
  write("0001_first.sql", "CREATE TABLE a (n integer)");
  apply();
  write("0002_second.sql", "CREATE TABLE b (n integer)");
  std::filesystem::create_directory(folder.path("functions"));
  write("functions/counts.sql", "SELECT 1 / 0;");
  EXPECT_THAT(refusal(), HasSubstr(definitions));
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_tables WHERE tablename = 'b'"), 0);
  EXPECT_EQ(database.number("SELECT max(version) FROM schema_migrations"), 1);
}

// Calls that come while the tables change: none stores what its former body says.
TEST_F(Migrations, NoFormerBodyWritesToTheNewTables) {
  std::filesystem::create_directory(folder.path("functions"));
  const auto define = [this](const std::string& helper, const std::string& columns,
                             const std::string& values) {
    write("functions/notes.sql",
          "CREATE OR REPLACE FUNCTION " + helper +
              "() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
              "CREATE OR REPLACE FUNCTION note() RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
              " PERFORM count(*) FROM notes; INSERT INTO notes (" +
              columns + ") VALUES (" + values + "); PERFORM " + helper + "(); END $$;");
  };
  write("0001_first.sql", "CREATE TABLE notes (n integer)");
  define("former_helper", "n", "1");
  apply();
  std::atomic<bool> stopping{false};
  std::atomic<int> noted{0};
  std::vector<std::thread> programs;
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([&] {
      Connection program{database.owner_url()};
      while (!stopping) {
        program.run({"note", "SELECT note()"});
        ++noted;
      }
    });
  }
  while (noted < 20) std::this_thread::yield();
  write("0002_second.sql",
        "ALTER TABLE notes ADD COLUMN tag text; SELECT pg_sleep(0.3);"
        " UPDATE notes SET tag = 'before'");
  define("helper", "n, tag", "1, 'after'");
  EXPECT_THAT(apply(), ElementsAre("0002_second.sql", definitions));
  const int before = noted;
  while (noted < before + 20) std::this_thread::yield();
  stopping = true;
  for (auto& program : programs) program.join();
  EXPECT_EQ(database.number("SELECT count(*) FROM notes WHERE tag IS NULL"), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM notes"), noted);
}

TEST_F(Migrations, WaitForARequestThatHasATableAndFailNone) {
  write("0001_first.sql", "CREATE TABLE a (n integer); CREATE TABLE b (n integer)");
  apply();
  Connection program{database.owner_url()};
  program.run_script("BEGIN; INSERT INTO b VALUES (1)");
  write("0002_second.sql",
        "ALTER TABLE a ADD COLUMN m integer; ALTER TABLE b ADD COLUMN m integer");
  auto migration = std::async(std::launch::async, [this] { return apply(); });
  ASSERT_TRUE(test::eventually([this] {
    return database.number(
               "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation ="
               " 'b'::regclass") > 0;
  }));
  program.run_script("INSERT INTO a VALUES (1); COMMIT");
  EXPECT_THAT(migration.get(), ElementsAre("0002_second.sql"));
}

TEST_F(Migrations, AnAppliedFileThatChangedIsRefused) {
  write("0001_first.sql", "CREATE TABLE a (n integer)");
  apply();
  write("0001_first.sql", "CREATE TABLE a (n bigint)");
  EXPECT_THAT(refusal(), HasSubstr("0001_first.sql: has changed since it was applied"));
}

TEST_F(Migrations, ADatabaseOfOtherFilesIsRefusedBeforeAnythingIsAppliedAndWithAdvice) {
  write("0001_accounts.sql", "CREATE TABLE a (n integer)");
  write("0002_chats_and_messages.sql", "CREATE TABLE b (n integer)");
  apply();
  std::filesystem::remove(folder.path("0002_chats_and_messages.sql"));
  write("0002_chats.sql", "CREATE TABLE b (n integer)");
  write("0003_messages.sql", "CREATE TABLE c (n integer)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("0002_chats.sql: has changed since it was applied"),
                               HasSubstr("0002_chats_and_messages.sql"), HasSubstr(".run")));
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_tables WHERE tablename = 'c'"), 0);
}

TEST_F(Migrations, AMissingReleaseIsRefused) {
  std::filesystem::remove(folder.path("release"));
  EXPECT_THAT(refusal(), HasSubstr("release: cannot be read"));
  write("release", "none");
  EXPECT_THAT(refusal(), HasSubstr("release: expected a number from 1"));
}

TEST_F(Migrations, AMissingNumberIsRefused) {
  write("0001_first.sql", "SELECT 1");
  write("0003_third.sql", "SELECT 1");
  EXPECT_THAT(refusal(), HasSubstr("expected migration 0002"));
}

TEST_F(Migrations, SeveralInstancesThatStartTogetherAreSafe) {
  write("0001_first.sql", "SELECT pg_sleep(0.2); CREATE TABLE a (n integer)");
  write("0002_second.sql", "INSERT INTO a VALUES (1)");
  std::vector<std::thread> instances;
  std::atomic<int> applied{0};
  for (int i = 0; i < 4; ++i) {
    instances.emplace_back([&] { applied += static_cast<int>(apply().size()); });
  }
  for (auto& instance : instances) instance.join();
  EXPECT_EQ(applied, 3);
  EXPECT_EQ(database.number("SELECT count(*) FROM a"), 1);
}

TEST_F(Migrations, ARoleThatOwnsNothingComparesAndAppliesNothing) {
  const auto as_application = [this] {
    return migrate(database.url(), read_schema(folder.path()));
  };
  write("0001_first.sql", "GRANT SELECT ON schema_migrations, schema_release TO PUBLIC");
  EXPECT_THROW(as_application(), std::runtime_error);
  apply();
  EXPECT_THAT(as_application(), IsEmpty());
  write("0002_second.sql", "CREATE TABLE a (n integer)");
  try {
    as_application();
    ADD_FAILURE() << "applied";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("0002_second.sql: ERROR:  42501: permission denied"));
    EXPECT_THAT(error.what(), HasSubstr("database.migration_url"));
  }
}

TEST_F(Migrations, ANewTableIsGrantedToTheApplication) {
  const auto application = role_of(database.url());
  const auto ours = read_schema(test::source_path("migrations"));
  migrate(database.owner_url(), ours, {application});
  Connection connection{database.url()};
  EXPECT_EQ(connection.run_script("SELECT FROM users").size(), 0U);
  auto more = ours;
  more.migrations.push_back({static_cast<int>(ours.migrations.size()) + 1, "next.sql",
                             "CREATE TABLE a (n integer)", "x"});
  migrate(database.owner_url(), more, {application});
  connection.run_script("INSERT INTO a VALUES (1); UPDATE a SET n = 2; DELETE FROM a");
}

TEST_F(Migrations, ANewRoleIsGrantedItsRightsWithoutANewMigration) {
  const auto ours = read_schema(test::source_path("migrations"));
  migrate(database.owner_url(), ours);
  Connection connection{database.url()};
  EXPECT_THROW(connection.run_script("SELECT FROM users"), pqxx::sql_error);
  migrate(database.owner_url(), ours, {role_of(database.url())});
  EXPECT_EQ(connection.run_script("SELECT FROM users").size(), 0U);
}

TEST_F(Migrations, TheRoleOfNotifyServerIsGrantedItsColumnsAndNoMore) {
  const auto ours = read_schema(test::source_path("migrations"));
  const ServerRoles roles{role_of(database.url()), role_of(database.notify_url())};
  migrate(database.owner_url(), ours, {roles.application});
  Connection connection{database.notify_url()};
  EXPECT_THROW(connection.run_script("SELECT id FROM users"), pqxx::insufficient_privilege);
  migrate(database.owner_url(), ours, roles);
  EXPECT_EQ(connection.run_script("SELECT id FROM users").size(), 0U);
  EXPECT_THROW(connection.run_script("SELECT password_hash FROM users"),
               pqxx::insufficient_privilege);
  // What was granted by hand ends with the next change of the schema.
  database.query("GRANT SELECT ON users TO fechatter_notify");
  auto more = ours;
  more.migrations.push_back(
      {static_cast<int>(ours.migrations.size()) + 1, "next.sql", "SELECT", "\\x78"});
  migrate(database.owner_url(), more, roles);
  EXPECT_THROW(connection.run_script("SELECT password_hash FROM users"),
               pqxx::insufficient_privilege);
  // A server that owns nothing grants nothing, and starts.
  EXPECT_THAT(migrate(database.url(), more, roles), IsEmpty());
}

TEST_F(Migrations, ARoleThatDoesNotExistIsGrantedNothing) {
  const auto ours = read_schema(test::source_path("migrations"));
  EXPECT_FALSE(
      migrate(database.owner_url(), ours, {role_of(database.url()), "no_such_role"}).empty());
  EXPECT_THAT(migrate(database.owner_url(), ours, {role_of(database.url()), "no_such_role"}),
              IsEmpty());
}

TEST_F(Migrations, OfTheRepositoryAreAppliedToAnEmptyDatabase) {
  const auto ours = read_schema(test::source_path("migrations"));
  EXPECT_EQ(migrate(database.owner_url(), ours).size(), ours.migrations.size() + 1);
}

}  // namespace
}  // namespace fechatter::postgres
