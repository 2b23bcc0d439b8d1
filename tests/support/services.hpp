#pragma once

#include <cstdint>
#include <string>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/nats/nats_connection.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "tests/support/process.hpp"

// Real PostgreSQL and NATS servers for tests. The ctest fixture `postgres` starts one PostgreSQL
// for the whole run (tests/support/scratch_postgres); each test gets its own database in it.
namespace fechatter::test {

// A free port of 127.0.0.1. It is reserved against other tests until this program ends.
std::uint16_t free_port();

// A fresh migrated database, dropped by the destructor. The servers under test connect with `url`,
// which names the application's role, so that tests cover its privileges. The test itself queries
// and prepares data as the owner.
class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& url() const { return url_; }
  // Likewise for notify_server, which has a role of its own.
  const std::string& notify_url() const { return notify_url_; }
  const std::string& owner_url() const { return owner_url_; }
  // Runs one statement or several as the owner; returns the rows.
  pqxx::result query(const std::string& sql);
  // The first column of the first row.
  std::int64_t number(const std::string& sql);
  // Unpublished events, of three chats in turn.
  void add_events(int count);

 private:
  std::string name_;
  std::string url_;
  std::string notify_url_;
  std::string owner_url_;
  postgres::Connection connection_;
};

// A PostgreSQL that a test may stop and crash.
class PrivatePostgres {
 public:
  enum class Durability { none, full };

  // Stores its data in `home`, a folder of the user `postgres`, when that is given. Without
  // durability it may lose all when the machine stops, which no test does but those of power cuts,
  // and no standby can follow it.
  explicit PrivatePostgres(const std::string& home = {}, Durability durability = Durability::none);
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  void start();
  // Stops it without a checkpoint, as a crash does.
  void crash();
  // Changes a setting of the running server: name = 'value'.
  void set(const std::string& name, const std::string& value);
  std::string url() const { return url_in("database_url"); }
  std::string notify_url() const { return url_in("notify_database_url"); }
  std::string owner_url() const { return url_in("owner_url"); }
  std::string log() const { return read_file(folder_.path("postgres.log")); }

 private:
  std::string url_in(const std::string& file) const;

  ScratchFolder folder_;
  const Durability durability_;
  std::uint16_t port_;
};

// Cancels the commits that wait for a synchronous standby, of the same role or of one that it is a
// member of. Returns how many there were.
int cancel_standby_waits(postgres::Connection& connection);

// How a nats-server of a test runs.
struct NatsOptions {
  std::string program = "nats-server";
  std::string store;  // a folder that may not exist yet; empty: in a scratch folder
  bool syncs_always =
      false;  // an acknowledgement means "on the disk": nats-server 2.10.23 or newer
};

// A nats-server with JetStream that a test may kill and restart, with or without its store. Its
// users are those of an installation (deploy/nats/users.conf), so that tests cover their
// permissions: the servers under test, and their parts, connect as theirs; the test itself
// prepares, reads and damages as the admin.
class NatsServer {
 public:
  explicit NatsServer(NatsOptions options = {});

  void start();
  void kill();
  void lose_store();
  // Flips one bit in a message block of the stream on disk; false when there is no block.
  // REQUIRES: the server is killed.
  bool flip_byte(std::uint64_t where);
  // Deletes all consumers of the stream; their subscribers are not notified.
  void forget_consumers() const;
  std::string store_path() const { return options_.store; }
  std::string log() const { return read_file(folder_.path("nats.log")); }
  // With the admin's name and password, and with those of the programs.
  std::string url() const { return url_of("admin"); }
  std::string server_url() const { return url_of("fechatter_server"); }
  std::string notify_url() const { return url_of("notify_server"); }
  // Of a part of a program, in this process.
  nats::Settings as_server(const std::string& part) const;
  nats::Settings as_notify(const std::string& part) const;

 private:
  std::string url_of(const std::string& user) const;

  ScratchFolder folder_;
  NatsOptions options_;
  std::uint16_t port_;
  Process process_;
};

// Waits until the stream has stored a message of that sequence: the answer to a ping does not say
// that what was published before it is in the stream (nats-server 2.10). Throws after 15 s.
void wait_until_stored(event::EventStream& stream, std::uint64_t stream_seq);

}  // namespace fechatter::test
