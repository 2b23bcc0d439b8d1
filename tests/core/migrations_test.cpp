#include "fechatter_core/postgres/migrations.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "tests/support/services.hpp"

namespace fechatter::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Migrations : public testing::Test {
 protected:
  // An empty schema: the fixture's databases come with everything applied.
  Migrations() { database.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public"); }

  void write(const std::string& name, const std::string& sql) const {
    std::ofstream{folder.path(name)} << sql;
  }
  std::vector<std::string> apply() const {
    return migrate(database.url(), read_migrations(folder.path()));
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
  EXPECT_THAT(apply(), ElementsAre("0001_first.sql", "0002_second.sql"));
  EXPECT_THAT(apply(), IsEmpty());
  EXPECT_EQ(database.number("SELECT count(*) FROM a"), 2);
}

TEST_F(Migrations, OneThatFailsLeavesNothingBehindAndStopsTheRest) {
  write("0001_first.sql", "CREATE TABLE a (n integer); SELECT 1 / 0");
  write("0002_second.sql", "CREATE TABLE b (n integer)");
  EXPECT_THAT(refusal(), HasSubstr("0001_first.sql"));
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
                            " AND tablename IN ('a', 'b')"),
            0);
  write("0001_first.sql", "CREATE TABLE a (n integer)");
  EXPECT_THAT(apply(), ElementsAre("0001_first.sql", "0002_second.sql"));
}

TEST_F(Migrations, AnAppliedFileThatChangedIsRefused) {
  write("0001_first.sql", "CREATE TABLE a (n integer)");
  apply();
  write("0001_first.sql", "CREATE TABLE a (n bigint)");
  EXPECT_THAT(refusal(), HasSubstr("0001_first.sql: has changed since it was applied"));
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
  EXPECT_EQ(applied, 2);
  EXPECT_EQ(database.number("SELECT count(*) FROM a"), 1);
}

TEST_F(Migrations, TheProductsOwnAreAppliedToAnEmptyDatabase) {
  const auto ours = read_migrations(FECHATTER_SOURCE_DIR "/migrations");
  EXPECT_EQ(migrate(database.url(), ours).size(), ours.size());
}

}  // namespace
}  // namespace fechatter::postgres
