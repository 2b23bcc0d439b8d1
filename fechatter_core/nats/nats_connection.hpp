#pragma once

#include <nats/nats.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// nats.c, wrapped once. A Connection is one TCP connection and never reconnects by itself: after
// each connect its owner must read the state of the server again, so reconnecting is the owner's
// loop.
namespace fechatter::nats {

// A failure of NATS or of the connection to it. The connection may be lost: see alive().
class Failure : public std::runtime_error {
 public:
  Failure(std::string_view doing, natsStatus status);
  natsStatus status() const { return status_; }

 private:
  natsStatus status_;
};

template <class T, void (*destroy)(T*)>
struct Destroyer {
  void operator()(T* object) const { destroy(object); }
};

// A received message. Owned by its holder; views live as long as it does.
class Message {
 public:
  explicit Message(natsMsg* raw) : raw_{raw} {}

  std::string_view subject() const { return natsMsg_GetSubject(raw_.get()); }
  std::string_view data() const;
  // Empty when the header is absent.
  std::string_view header(const char* name) const;
  natsMsg* raw() const { return raw_.get(); }

 private:
  std::unique_ptr<natsMsg, Destroyer<natsMsg, natsMsg_Destroy>> raw_;
};

// A subscription that is read by one thread. It may outlive its connection.
//
// nats.c before 3.6 looks up a message's subscription without a reference to it (its issue 637), so
// a subscription must not be freed while the connection's thread may handle a message for it: the
// destructor ends the subscription first and frees it a round trip later, when no message is in
// flight any more. If the round trip fails, it closes the connection.
class Subscription {
 public:
  // Made by Connection::own.
  Subscription(natsSubscription* raw, std::weak_ptr<natsConnection> connection)
      : raw_{raw, Ender{std::move(connection)}} {}

  // Waits for the next message; nothing after `timeout`. Throws Failure when the connection is lost
  // or messages were dropped.
  std::optional<Message> next(std::chrono::milliseconds timeout);
  natsSubscription* raw() const { return raw_.get(); }

 private:
  struct Ender {
    std::weak_ptr<natsConnection> connection;
    void operator()(natsSubscription* subscription) const;
  };

  std::unique_ptr<natsSubscription, Ender> raw_;
};

struct Settings {
  // Of one server, or of several of a cluster, separated by commas. A user and a password in a URL
  // take precedence for that server.
  std::string url = "nats://127.0.0.1:4222";
  std::string name = {};      // shown by the server's monitoring
  std::string user = {};      // empty: none
  std::string password = {};  // of the user; never logged
  // The prefix of the subjects on which replies arrive. A user of NATS may subscribe to its own
  // only, so that no other user reads its replies.
  std::string inbox = "_INBOX";
};

// The servers that a text of URLs names, without the blanks around them. Throws
// std::invalid_argument for a text without a server, or with an empty place between two commas.
std::vector<std::string> servers_of(const std::string& urls);
// The same as a check of a setting.
void check_servers(const std::string& urls);

// The settings of one connection of a program: "fechatter_server" and "relay" make the name
// "fechatter_server relay".
Settings named(Settings program, std::string_view part);
// The settings of a program: its name, its inbox, and the password in the first line of a file
// (empty: no file). Throws ConfigError when there is no password in the file.
void set_program(Settings& settings, const std::string& name, const std::string& password_file);

class Connection {
 public:
  // Connects to one of the servers, in random order, within 2 s for each. Throws Failure.
  explicit Connection(const Settings& settings);

  bool alive() const;
  void publish(const std::string& subject, std::string_view data);
  void publish(const std::string& subject, const std::string& reply,
               const std::vector<std::pair<const char*, std::string>>& headers,
               std::string_view data);
  Subscription subscribe(const std::string& subject);
  // Takes ownership of a subscription that nats.c has made over this connection. A consumer of
  // JetStream is deleted with it.
  Subscription own(natsSubscription* raw) const;
  // A round trip to the server and back.
  std::chrono::microseconds ping(std::chrono::milliseconds timeout);
  std::string new_inbox() const;
  natsConnection* raw() const { return raw_.get(); }

 private:
  std::string inbox_;
  std::shared_ptr<natsConnection> raw_;
};

void check(natsStatus status, std::string_view doing);

}  // namespace fechatter::nats
