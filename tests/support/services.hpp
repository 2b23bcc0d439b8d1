#pragma once

#include <cstdint>
#include <string>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/support/process.hpp"

// The real PostgreSQL and NATS for tests. ctest's fixture `postgres` has started one PostgreSQL for
// the whole run (tests/support/scratch_postgres); each test has a database of its own in it.
namespace fechatter::test {

// A port of 127.0.0.1 that nobody listens on, and no other test is given until this program ends.
std::uint16_t free_port();

// A migrated database of its own, dropped by the destructor. `url` names the application's role, as
// the servers have it: what they do under test, they may do. The test itself looks and arranges as
// the owner.
class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& url() const { return url_; }
  const std::string& owner_url() const { return owner_url_; }
  // One statement, or several, as the owner; its rows.
  pqxx::result query(const std::string& sql);
  // The first column of the first row.
  std::int64_t number(const std::string& sql);
  // Events of three chats in turn, which nobody has published.
  void add_events(int count);

 private:
  std::string name_;
  std::string url_;
  std::string owner_url_;
  postgres::Connection connection_;
};

// A PostgreSQL that a test may stop and crash.
class PrivatePostgres {
 public:
  // In `home`, a folder of whom it runs as, if that is given.
  explicit PrivatePostgres(const std::string& home = {});
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  void start();
  // As a crash would end it.
  void crash();
  std::string url() const;
  std::string owner_url() const;
  std::string log() const { return read_file(folder_.path("postgres.log")); }

 private:
  ScratchFolder folder_;
  std::uint16_t port_;
};

// A nats-server with JetStream that a test may kill, start again, and rob of its store.
class NatsServer {
 public:
  NatsServer();

  void start();
  void kill();
  void lose_store();
  // Changes one byte of the messages that the stream has on disk; false when there are none.
  // REQUIRES: killed.
  bool flip_byte(std::uint64_t where);
  // Deletes all consumers of the stream behind their readers' backs.
  void forget_consumers() const;
  std::string log() const { return read_file(folder_.path("nats.log")); }
  std::string url() const;

 private:
  ScratchFolder folder_;
  std::uint16_t port_;
  Process process_;
};

}  // namespace fechatter::test
