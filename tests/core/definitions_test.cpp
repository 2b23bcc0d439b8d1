#include "fechatter_core/postgres/definitions.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <regex>
#include <thread>

#include "tests/support/places.hpp"
#include "tests/support/schema_folder.hpp"
#include "tests/support/services.hpp"

namespace fechatter::postgres {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Texts = std::vector<std::string>;

// A database with the repository's definitions, and a folder with those of the next release.
class DefinitionsOfADatabase : public testing::Test {
 protected:
  DefinitionsOfADatabase() { next.set_release(ours + 1); }

  Texts migrate_to(const Schema& schema) {
    return migrate(database.owner_url(), schema, {role_of(database.url())});
  }
  // Every function and view of a database, as the catalog has them.
  static Texts definitions_in(test::TestDatabase& in) {
    Texts definitions;
    for (const auto& row :
         in.query("SELECT p.oid::regprocedure || E'\\n' || pg_get_functiondef(p.oid) FROM pg_proc p"
                  " WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS ("
                  "   SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
                  " UNION ALL SELECT relname || E'\\n' || pg_get_viewdef(oid) FROM pg_class"
                  " WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY 1")) {
      definitions.emplace_back(row[0].c_str());
    }
    return definitions;
  }
  // Changes with every replacement of a function, a view or a grant.
  std::string versions() {
    return database
        .query(
            "SELECT md5(string_agg(v, ',' ORDER BY v)) FROM ("
            "SELECT 'f' || oid || ':' || xmin FROM pg_proc UNION ALL "
            "SELECT 'v' || oid || ':' || xmin FROM pg_rewrite UNION ALL "
            "SELECT 'c' || oid || ':' || xmin FROM pg_class WHERE relkind IN ('r', 'p', 'v')"
            ") t (v)")[0][0]
        .c_str();
  }
  // An empty database to which the files are applied.
  static void start_over(test::TestDatabase& empty, const Schema& schema) {
    empty.query(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC");
    migrate(empty.owner_url(), schema, {role_of(empty.url())});
  }
  std::string release_after_ours() const {
    return "definitions of release " + std::to_string(ours + 1);
  }
  std::int64_t functions(const std::string& name) {
    return database.number("SELECT count(*) FROM pg_proc WHERE proname = '" + name + "'");
  }

  const int ours = test::our_schema().definitions.release;
  test::TestDatabase database;
  test::SchemaFolder next;
};

TEST_F(DefinitionsOfADatabase, AreThoseOfTheFilesAfterADriftToo) {
  test::TestDatabase fresh;
  start_over(fresh, next.read());
  EXPECT_EQ(definitions_in(database), definitions_in(fresh));
  database.query(
      "ALTER FUNCTION append_messages(json, boolean) RESET ALL;"
      "ALTER FUNCTION outbox_drop_partitions(integer) SECURITY INVOKER;"
      "CREATE OR REPLACE FUNCTION chat_type_name(type chat_type) RETURNS text"
      " LANGUAGE sql AS 'SELECT type::text';"
      "CREATE OR REPLACE VIEW user_rows AS SELECT id, workspace_id,"
      " upper(fullname) AS fullname, email, status, role, avatar_url, title, bio,"
      " unix_micros(created_at) AS created_at FROM users");
  EXPECT_NE(definitions_in(database), definitions_in(fresh));
  EXPECT_THAT(migrate_to(next.read()), ElementsAre(release_after_ours()));
  EXPECT_EQ(definitions_in(database), definitions_in(fresh));
}

TEST_F(DefinitionsOfADatabase, AppliedTwiceChangeNothing) {
  const auto before = versions();
  EXPECT_THAT(migrate_to(test::our_schema()), IsEmpty());
  EXPECT_EQ(versions(), before);
  migrate_to(next.read());
  EXPECT_NE(versions(), before);
}

TEST_F(DefinitionsOfADatabase, OfANewerReleaseAreLeftAloneByAnOlderProgram) {
  next.edit("functions/values.sql", "'PublicChannel'", "'OpenChannel'");
  migrate_to(next.read());
  const auto before = versions();
  EXPECT_THAT(migrate_to(test::our_schema()), IsEmpty());
  EXPECT_EQ(versions(), before);
  EXPECT_THAT(definitions_in(database), Contains(HasSubstr("'OpenChannel'")));
}

TEST_F(DefinitionsOfADatabase, AreAppliedAtTheSameReleaseToo) {
  next.set_release(ours);
  next.edit("functions/values.sql", "'PublicChannel'", "'OpenChannel'");
  EXPECT_EQ(migrate_to(next.read()).size(), 1U);
  EXPECT_THAT(definitions_in(database), Contains(HasSubstr("'OpenChannel'")));
}

TEST_F(DefinitionsOfADatabase, AreAppliedByOneOfSeveralInstancesThatStartTogether) {
  next.append("functions/values.sql", "SELECT pg_sleep(0.2);");
  next.edit("views/user_rows.sql", "AS created_at\n", "AS created_at, 0 AS badges\n");
  const auto schema = next.read();
  std::atomic<std::size_t> applied{0};
  std::vector<std::thread> instances;
  for (int i = 0; i < 4; ++i) {
    instances.emplace_back([&] { applied += migrate_to(schema).size(); });
  }
  for (auto& instance : instances) instance.join();
  EXPECT_EQ(applied, 1U);
}

TEST_F(DefinitionsOfADatabase, AreComparedByARoleThatOwnsNothing) {
  const auto as_application = [this](const Schema& schema) {
    return migrate(database.url(), schema);
  };
  EXPECT_THAT(as_application(test::our_schema()), IsEmpty());
  try {
    as_application(next.read());
    ADD_FAILURE() << "applied";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(release_after_ours()));
    EXPECT_THAT(error.what(), HasSubstr("database.migration_url"));
  }
  migrate_to(next.read());
  EXPECT_THAT(as_application(next.read()), IsEmpty());
  EXPECT_THAT(as_application(test::our_schema()), IsEmpty());
}

TEST_F(DefinitionsOfADatabase, StayAsTheyWereWhenOneFails) {
  const auto before = versions();
  next.append("functions/search.sql", "SELECT 1 / 0;");
  EXPECT_THROW(migrate_to(next.read()), std::runtime_error);
  EXPECT_EQ(versions(), before);
}

TEST_F(DefinitionsOfADatabase, OfAViewStandInTheFileOfItsName) {
  next.append("views/late_rows.sql", "CREATE OR REPLACE VIEW early_rows AS SELECT 1 AS n;");
  try {
    migrate_to(next.read());
    ADD_FAILURE() << "applied";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("view_is_in_the_file_of_its_name"));
  }
}

TEST_F(DefinitionsOfADatabase, AreGrantedToTheApplicationWithTheirTransaction) {
  next.append("views/late_rows.sql", "CREATE OR REPLACE VIEW late_rows AS SELECT 1 AS n;");
  next.append("functions/search.sql",
              "CREATE OR REPLACE FUNCTION late() RETURNS integer LANGUAGE sql AS 'SELECT 7';");
  migrate_to(next.read());
  Connection application{database.url()};
  EXPECT_EQ(application.run_script("SELECT n + late() FROM late_rows")[0][0].as<int>(), 8);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_proc p, aclexplode(p.proacl) a"
                            " WHERE p.proname = 'late' AND a.grantee = 0"),
            0);
}

TEST_F(DefinitionsOfADatabase, AreDroppedWhenNoFileHasThemAnyMore) {
  database.query("CREATE FUNCTION of_the_site() RETURNS integer LANGUAGE sql AS 'SELECT 1'");
  next.edit("functions/values.sql", "FUNCTION rfc3339(moment timestamptz)",
            "FUNCTION rfc3339(moment timestamptz, digits integer)");
  // The former overload stays for one release.
  next.append("functions/values.sql",
              "CREATE OR REPLACE FUNCTION rfc3339(moment timestamptz) RETURNS text LANGUAGE sql"
              " STABLE AS 'SELECT rfc3339(moment, 6)';");
  migrate_to(next.read());
  EXPECT_EQ(functions("rfc3339"), 2);
  test::SchemaFolder after;
  after.set_release(ours + 2);
  after.remove("views/user_rows.sql");
  after.remove("functions/accounts.sql");
  migrate_to(after.read());
  EXPECT_EQ(functions("rfc3339"), 1);
  EXPECT_EQ(functions("open_session"), 0);
  EXPECT_EQ(functions("of_the_site"), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_class WHERE relname = 'user_rows'"), 0);
}

TEST_F(DefinitionsOfADatabase, OfViewsThatHaveNotChangedAreNotLocked) {
  Connection reader{database.url()};
  reader.run_script("BEGIN; SELECT FROM message_rows, user_rows, chat_rows, session_rows");
  next.edit("functions/values.sql", "'PublicChannel'", "'OpenChannel'");
  EXPECT_EQ(migrate_to(next.read()).size(), 1U);  // it would give up after a minute
  reader.run_script("COMMIT");
}

TEST_F(DefinitionsOfADatabase, OfAViewThatIsReadWaitForItAndLetOthersRead) {
  Connection reader{database.url()};
  reader.run_script("BEGIN; SELECT FROM user_rows");
  next.edit("views/user_rows.sql", "AS created_at\n", "AS created_at, 0 AS badges\n");
  auto migration = std::async(std::launch::async, [this] { return migrate_to(next.read()); });
  ASSERT_TRUE(test::eventually([this] {
    return database.number(
               "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
               " AND relation = 'user_rows'::regclass") > 0;
  }));
  Connection other{database.url()};
  other.run_script("SET statement_timeout = '5s'; SELECT FROM user_rows");
  EXPECT_EQ(database.number("SELECT release FROM schema_release"), ours);
  reader.run_script("COMMIT");
  EXPECT_EQ(migration.get().size(), 1U);
  other.run_script("SELECT badges FROM user_rows");
}

// The statement that is planned with a former definition, at each of its kinds of failure.
TEST_F(DefinitionsOfADatabase, ThatChangeFailNoPreparedStatement) {
  constexpr Statement all{"all", "SELECT * FROM user_rows"};
  constexpr Statement call{"call", "SELECT n FROM counted() AS c (n)"};
  const auto count_in = [this](const std::string& type) {
    database.query("DROP FUNCTION IF EXISTS counted(); CREATE FUNCTION counted() RETURNS SETOF " +
                   type + " LANGUAGE sql AS 'SELECT 7::" + type +
                   "'; GRANT EXECUTE ON FUNCTION counted() TO PUBLIC");
  };
  count_in("integer");
  Connection program{database.url()};
  const auto columns = program.run(all).columns();
  program.run(call);
  next.edit("views/user_rows.sql", "AS created_at\n", "AS created_at, 0 AS badges\n");
  migrate_to(next.read());
  count_in("text");
  EXPECT_EQ(program.run(all).columns(), columns + 1);
  EXPECT_STREQ(program.run(call)[0][0].c_str(), "7");
  EXPECT_THROW(program.run({"wrong", "SELECT nothing FROM user_rows"}), pqxx::sql_error);
}

// What must be true of the files.

Texts files_below(const std::string& folder, const std::string& extensions) {
  Texts files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{test::source_path(folder)}) {
    const auto extension = entry.path().extension().string();
    if (!extension.empty() && extensions.find(extension) != std::string::npos) {
      files.push_back(entry.path().string());
    }
  }
  return files;
}

TEST(DefinitionFiles, CarryTheirSettingsInside) {
  const auto files = files_below("migrations", ".sql");
  EXPECT_GT(files.size(), 10U);
  for (const auto& file : files) {
    EXPECT_THAT(test::read_file(file), Not(HasSubstr("ALTER FUNCTION"))) << file;
  }
}

TEST(DefinitionFiles, HaveNoFormerDefinitionThatIsDueToBeDropped) {
  const std::regex mark{"-- Former: dropped by release ([0-9]+)\\."};
  const auto release = test::our_schema().definitions.release;
  for (const auto& file : files_below("migrations", ".sql")) {
    const auto text = test::read_file(file);
    for (std::sregex_iterator found{text.begin(), text.end(), mark}, end; found != end; ++found) {
      EXPECT_GT(std::stoi((*found)[1]), release) << file;
    }
  }
}

TEST(DefinitionFiles, AreTheHomeOfAFunctionInEveryDocument) {
  const std::regex numbered{"migrations/[0-9]{2}"};
  auto files = Texts{test::source_path("README.md"), test::source_path("CONTRIBUTING.md"),
                     test::source_path("CHANGELOG.md")};
  for (const auto* folder : {"docs", "fechatter_core", "fechatter_server", "notify_server", "bench",
                             "tests", "deploy", "config"}) {
    for (auto& file : files_below(folder, ".md .hpp .cpp .yml")) files.push_back(std::move(file));
  }
  EXPECT_GT(files.size(), 300U);
  for (const auto& file : files) {
    if (file.find("/docs/history/") != std::string::npos) continue;
    EXPECT_FALSE(std::regex_search(test::read_file(file), numbered)) << file;
  }
}

}  // namespace
}  // namespace fechatter::postgres
