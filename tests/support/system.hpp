#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/http_client.hpp"
#include "tests/support/services.hpp"

// The whole product with its real binaries, and its users.
namespace fechatter::test {

using Environment = std::map<std::string, std::string>;

// A server process. Its port stays the same across restarts.
class Server {
 public:
  // REQUIRES: `environment` names every dependency.
  Server(std::string binary, std::string log_path, Environment environment);

  // Starts the server and waits until it accepts requests. Throws its log when it exits instead.
  void start();
  // Starts the server without waiting.
  void spawn();
  bool running() { return process_.running(); }
  // Sends SIGTERM and waits; returns the exit code.
  int stop();
  void kill();
  // Waits for its end; returns the exit code.
  int wait() { return process_.wait(); }
  void signal(int number) const { process_.signal(number); }
  std::uint16_t port() const { return port_; }
  // Of the listener for operators.
  std::uint16_t admin_port() const { return admin_port_; }
  // For a server that takes the place of another one. Before it starts.
  void take_port_of(const Server& other);
  pid_t pid() const { return process_.pid(); }
  std::string log() const { return read_file(log_path_); }

 private:
  std::string binary_;
  std::string log_path_;
  Environment environment_;
  std::uint16_t port_;
  std::uint16_t admin_port_;
  Process process_;
};

// Dependencies of one server, with its role and its user. `keys` is a folder with private.pem and
// public.pem; fechatter_server stores files below it.
struct Dependencies {
  std::string database_url;
  std::string nats_url;
  std::string keys;
};

// The password of a person in tests; it does not contain the name.
std::string password_of(const std::string& name);

void make_keys(const std::string& folder);
// Environments with cheap password hashing and high limits; entries of `more` take precedence.
Environment server_environment(const Dependencies& on, const Environment& more = {});
Environment notify_environment(const Dependencies& on, const Environment& more = {});

struct SystemOptions {
  std::string database_url;   // empty: a fresh TestDatabase
  std::string migration_url;  // the owner's URL, for a database that is still empty
  Environment server;         // added to fechatter_server's environment
  Environment notify;         // added to notify_server's
  bool start_notify = true;
  // Of notify_server's role; REQUIRED with a database_url, unless notify_server is not started.
  std::string notify_database_url = {};
};

// notify_server takes access tokens in the query.
SystemOptions with_query_tokens();

// The epoch and the sequence of an event in the stream; both 0 before all of them.
using StreamPosition = std::pair<std::int64_t, std::int64_t>;

class Person;

// PostgreSQL, NATS, one fechatter_server and one notify_server.
class System {
 public:
  explicit System(SystemOptions options = {});
  // Prints the logs of both servers when the test has failed.
  ~System();

  // A further instance, not started yet.
  Server another_server() const;
  Server another_notify() const;

  Person signs_up(const std::string& name, const std::string& workspace = "acme");
  Reply get(const std::string& target, const Headers& headers = {}) const;
  Reply post(const std::string& target, const nlohmann::json& body,
             const Headers& headers = {}) const;
  Reply send(const std::string& method, const std::string& target,
             const std::optional<nlohmann::json>& body, const Headers& headers) const;
  // With a body that is no JSON.
  Reply send_bytes(const std::string& method, const std::string& target,
                   const std::string& content_type, std::string_view body,
                   const Headers& headers) const;
  // Of the newest event, once all are published; before all of them when that takes longer than two
  // seconds (a test may have stopped what publishes them) or without a database of its own.
  StreamPosition newest_position() const;

  ScratchFolder folder;
  std::unique_ptr<TestDatabase> database;  // null when the options name a database
  NatsServer nats;
  Server server;
  Server notify;

 private:
  void await_stream() const;
  Dependencies server_dependencies() const;
  Dependencies notify_dependencies() const;

  const SystemOptions options_;
};

// A signed-in user.
class Person {
 public:
  Person(System& system, nlohmann::json auth_response);

  std::int64_t id() const { return auth_.at("user").at("id"); }
  std::string email() const { return auth_.at("user").at("email"); }
  std::string token() const { return auth_.at("access_token"); }
  std::string refresh_token() const { return auth_.at("refresh_token"); }
  const nlohmann::json& auth() const { return auth_; }
  Headers bearer() const { return {{"Authorization", "Bearer " + token()}}; }

  Reply get(const std::string& target) const;
  Reply post(const std::string& target, const nlohmann::json& body,
             const Headers& headers = {}) const;
  Reply patch(const std::string& target, const nlohmann::json& body) const;
  Reply remove(const std::string& target, const std::optional<nlohmann::json>& body = {}) const;

  // Creates a chat and returns its id.
  std::int64_t makes_chat(const std::string& type, const std::vector<std::int64_t>& members,
                          const std::string& name = "the chat") const;
  // Posts a message, which must be accepted (201), and returns it.
  nlohmann::json posts(std::int64_t chat, const std::string& text) const;
  Reply tries_to_post(std::int64_t chat, const nlohmann::json& body,
                      const Headers& headers = {}) const;
  // Opens an SSE stream. Without a cursor, it is read up to its CaughtUp and delivers nothing that
  // was answered before, unless events are held up for longer than two seconds.
  SseStream subscribes(const std::optional<std::string>& last_event_id = {}) const;
  // The same at another instance of notify_server.
  SseStream subscribes_at(std::uint16_t port,
                          const std::optional<std::string>& last_event_id = {}) const;

 private:
  System* system_;
  nlohmann::json auth_;
};

}  // namespace fechatter::test
