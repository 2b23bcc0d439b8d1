#include "fechatter_core/postgres/connection.hpp"

#include <gmock/gmock.h>

#include <future>

#include "fechatter_core/error.hpp"
#include "tests/support/services.hpp"

namespace fechatter::postgres {
namespace {

const Statement echo{"echo", "SELECT $1::text, $2::bigint, $3::bigint[], $4::boolean"};

ErrorCode refusal_of(Connection& connection) {
  try {
    connection.run(echo, "x", 1, std::vector<std::int64_t>{}, true);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(PostgresConnection, ParametersOfEachTypeAndNullAreSent) {
  const test::TestDatabase database;
  Connection connection{database.url()};
  const auto rows = connection.run(echo, "it's \"quoted\"", std::optional<std::int64_t>{},
                                   std::vector<ChatId>{ChatId{1}, ChatId{2}}, true);
  EXPECT_STREQ(rows[0][0].c_str(), "it's \"quoted\"");
  EXPECT_TRUE(rows[0][1].is_null());
  EXPECT_STREQ(rows[0][2].c_str(), "{1,2}");
  EXPECT_TRUE(rows[0][3].as<bool>());
}

TEST(PostgresConnection, ServerParametersReachTheSession) {
  const test::TestDatabase database;
  Connection connection{database.url(), "-c statement_timeout=4321 -c synchronous_commit=on"};
  EXPECT_STREQ(connection.run_script("SHOW statement_timeout")[0][0].c_str(), "4321ms");
}

TEST(PostgresConnection, JitIsOffWhateverTheServersDefault) {
  const test::TestDatabase database;
  Connection plain{database.url()};
  EXPECT_STREQ(plain.run_script("SHOW jit")[0][0].c_str(), "off");
  Connection with_settings{database.url(), "-c work_mem=1MB"};
  EXPECT_STREQ(with_settings.run_script("SHOW jit")[0][0].c_str(), "off");
}

TEST(PostgresConnection, ServerParametersOfTheUrlTakePrecedence) {
  const test::TestDatabase database;
  Connection connection{database.url() + "?options=-c%20work_mem%3D3MB%20-c%20lock_timeout%3D9",
                        "-c work_mem=2MB -c statement_timeout=4321"};
  EXPECT_STREQ(connection.run_script("SHOW work_mem")[0][0].c_str(), "3MB");
  EXPECT_STREQ(connection.run_script("SHOW lock_timeout")[0][0].c_str(), "9ms");
  EXPECT_STREQ(connection.run_script("SHOW statement_timeout")[0][0].c_str(), "4321ms");
  EXPECT_STREQ(connection.run_script("SHOW jit")[0][0].c_str(), "off");
}

TEST(PostgresConnection, TheErrorForAMalformedUrlOmitsThePassword) {
  try {
    Connection{"postgresql://alice:secret@[broken/x"};
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("secret")));
  }
}

TEST(PostgresConnection, AConnectionStringMayConsistOfKeywords) {
  const test::TestDatabase database;
  // postgresql://USER:PASSWORD@HOST:PORT/NAME
  const auto& url = database.url();
  const auto at = url.rfind('@');
  const auto user = url.substr(url.find("//") + 2);
  const auto host = url.substr(at + 1);
  const auto keywords =
      "user=" + user.substr(0, user.find(':')) +
      " password=" + url.substr(url.rfind(':', at) + 1, at - url.rfind(':', at) - 1) +
      " host=" + host.substr(0, host.find(':')) +
      " port=" + host.substr(host.find(':') + 1, host.find('/') - host.find(':') - 1) +
      " dbname=" + host.substr(host.find('/') + 1);
  Connection connection{keywords, "-c statement_timeout=1234"};
  EXPECT_STREQ(connection.run_script("SHOW statement_timeout")[0][0].c_str(), "1234ms");
}

TEST(PostgresConnection, TheRoleIsReadFromAUrlAndFromKeywords) {
  EXPECT_EQ(role_of("postgresql://al%40ice:secret@db:5432/x?sslmode=require"), "al@ice");
  EXPECT_EQ(role_of("host=db user=alice password='a b' dbname=x"), "alice");
  EXPECT_EQ(role_of("postgresql:///x?user=alice"), "alice");
  EXPECT_FALSE(role_of("dbname=x").empty());
  try {
    role_of("nonsense=secret");
    ADD_FAILURE() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("secret")));
  }
}

TEST(PostgresConnection, ARestartBetweenTwoStatementsCausesNoError) {
  test::PrivatePostgres server;
  Connection connection{server.url()};
  connection.run(echo, "x", 1, std::vector<std::int64_t>{}, true);
  server.crash();
  EXPECT_EQ(refusal_of(connection), ErrorCode::database_unavailable);
  EXPECT_EQ(refusal_of(connection), ErrorCode::database_unavailable);
  server.start();
  EXPECT_EQ(connection.run(echo, "x", 1, std::vector<std::int64_t>{}, true).size(), 1U);
  server.crash();
  server.start();
  EXPECT_EQ(connection.run(echo, "x", 1, std::vector<std::int64_t>{}, true).size(), 1U);
}

// PostgreSQL answers as if the commit had been confirmed, with a warning.
TEST(PostgresConnection, ACommitThatNoStandbyConfirmsIsUnknown) {
  test::PrivatePostgres server{{}, test::PrivatePostgres::Durability::full};
  Connection observer{server.owner_url()};
  observer.run_script("CREATE TABLE facts (id integer)");
  server.set("synchronous_standby_names", "absent");
  Connection connection{server.owner_url()};
  const Statement insert{"insert", "INSERT INTO facts VALUES (1)"};
  auto outcome = std::async(std::launch::async, [&] {
    try {
      connection.run(insert);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  });
  EXPECT_TRUE(test::eventually([&] { return test::cancel_standby_waits(observer) == 1; }));
  EXPECT_EQ(outcome.get(), ErrorCode::database_unavailable);
  EXPECT_EQ(observer.run_script("SELECT FROM facts").size(), 1U);
  server.set("synchronous_standby_names", "");
  EXPECT_EQ(connection.run(insert).affected_rows(), 1U);
  EXPECT_EQ(connection.connects(), 1);
}

// The end of the time for statements is not the end of the wait.
TEST(PostgresConnection, TheStatementTimeoutDoesNotEndTheWaitForAStandby) {
  test::PrivatePostgres server{{}, test::PrivatePostgres::Durability::full};
  Connection observer{server.owner_url()};
  observer.run_script("CREATE TABLE facts (id integer)");
  server.set("synchronous_standby_names", "absent");
  Connection connection{server.owner_url(), "-c statement_timeout=100"};
  auto answered = std::async(std::launch::async, [&] {
    return connection.run({"insert", "INSERT INTO facts VALUES (1)"}).affected_rows();
  });
  EXPECT_EQ(answered.wait_for(std::chrono::seconds{1}), std::future_status::timeout);
  server.set("synchronous_standby_names", "");
  EXPECT_EQ(answered.get(), 1U);
}

TEST(PostgresConnection, AHostThatIsAwayOrDoesNotResolveIsPassedOver) {
  const test::TestDatabase database;
  auto url = database.url();
  url.insert(url.rfind('@') + 1, "no-such-host.invalid:5432,127.0.0.1:1,");
  Connection connection{url + "?target_session_attrs=read-write"};
  EXPECT_EQ(connection.run_script("SELECT 1").size(), 1U);
}

TEST(PostgresConnection, AnErrorOfTheServerStaysAnSqlError) {
  const test::TestDatabase database;
  Connection connection{database.url()};
  EXPECT_THROW(connection.run_script("SELECT 1 / 0"), pqxx::sql_error);
  EXPECT_EQ(connection.run_script("SELECT 1").size(), 1U);
}

}  // namespace
}  // namespace fechatter::postgres
