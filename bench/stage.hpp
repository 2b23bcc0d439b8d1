#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/system.hpp"

namespace fechatter::bench {

// A separate PostgreSQL with fsync on. The destructor stops it and removes its data.
class DurablePostgres {
 public:
  // `counts_statements` loads pg_stat_statements, which costs some percent of the time.
  explicit DurablePostgres(bool counts_statements = false);
  ~DurablePostgres();
  DurablePostgres(const DurablePostgres&) = delete;
  DurablePostgres& operator=(const DurablePostgres&) = delete;

  // `file`: database_url or notify_database_url (of the servers), or owner_url.
  std::string url(const std::string& file) const;

 private:
  void stop() noexcept;

  test::ScratchFolder folder_;
};

struct StageOptions {
  test::Environment server;  // settings of fechatter_server
  test::Environment notify;  // settings of notify_server
  bool counts_statements = false;
};

// The whole product on 127.0.0.1, with users of one workspace.
class Stage {
 public:
  explicit Stage(std::size_t people, const StageOptions& options = {});

  const std::vector<test::Person>& people() const { return people_; }
  // Creates a group chat of the people [first, first + count), as the first of them; returns its
  // id.
  std::int64_t make_group(std::size_t first, std::size_t count) const;
  // Posts a message; throws when it is refused.
  void post(const std::string& token, std::int64_t chat, const std::string& text) const;
  std::uint16_t server_port() const { return system_.server.port(); }
  std::uint16_t notify_port() const { return system_.notify.port(); }
  pid_t server_process() const;
  pid_t notify_process() const;
  std::string database_url() const { return postgres_.url("database_url"); }
  std::string owner_url() const { return postgres_.url("owner_url"); }
  std::string private_key() const { return system_.folder.path("private.pem"); }
  // For restarting the servers.
  test::System& system() { return system_; }

 private:
  DurablePostgres postgres_;
  test::System system_;
  std::vector<test::Person> people_;
};

// Processor time of all threads of a process so far.
double processor_seconds(pid_t process);
// Of the children of a process that have ended, and theirs.
double children_processor_seconds(pid_t process);

// VmRSS of a process.
std::int64_t resident_kib(pid_t process);

// The body of every main: handles signals, calls `run`, and turns exceptions into a message and
// exit code 1.
int guarded(int (*run)(int, char**), int argc, char** argv);

}  // namespace fechatter::bench
