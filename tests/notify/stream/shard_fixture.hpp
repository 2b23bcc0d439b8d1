#pragma once

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "notify_server/stream/shard.hpp"
#include "tests/notify/events.hpp"

namespace fechatter::notify::test {

// Two ends of a TCP connection on loopback: ours, and the client's descriptor.
std::pair<SocketHandle, int> make_connection(int receive_buffer = 0);

// One frame as a client reads it.
struct Seen {
  std::string id;
  std::string event;
  nlohmann::json data;
};

// The client's end of a stream.
class Client {
 public:
  explicit Client(int descriptor) : descriptor_{descriptor} {}
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  ~Client();

  // Takes what has come, without waiting.
  void read();
  void disconnect();

  const std::string& head() const { return head_; }
  const std::vector<Seen>& seen() const { return seen_; }
  bool closed() const { return closed_; }
  // The names of the frames, "heartbeat" for those without one.
  std::vector<std::string> names() const;
  std::vector<std::string> ids() const;
  bool has(const std::string& name) const;

 private:
  void parse();

  int descriptor_;
  std::string head_;
  std::string unread_;
  std::vector<Seen> seen_;
  bool closed_ = false;
};

// The database: who is in which chat. Answers at once, or when it is let.
class FakeDatabase {
 public:
  awaitable<std::vector<postgres::MemberRow>> read(std::vector<UserId> users);

  std::vector<postgres::MemberRow> rows;
  std::vector<std::vector<UserId>> asked;  // the users of each statement
  bool held = false;                       // statements wait until this is false
  int failures = 0;                        // so many statements fail first
};

// The stream, as far as messages have come through ShardTest::happens.
class FakeStream {
 public:
  // At most `slice` messages.
  awaitable<ReplaySlice> read(WorkspaceId workspace, Position after, std::uint64_t to);

  std::vector<EventPtr> events;
  std::size_t slice = 10;
  std::uint64_t first = 1;        // what is older is not held any more
  std::size_t reads_max = 1000;   // after so many, nothing is held any more
  std::size_t hold_after = 1000;  // after so many, reads wait
  std::vector<Position> asked;    // where each read began
  bool held = false;              // reads wait until this is false
  int failures = 0;               // so many reads fail first
};

// One shard, run by the test's own thread.
class ShardTest : public testing::Test {
 protected:
  ShardTest();

  // With other settings than the constructor's.
  void restart_shard();
  // The log is known, from `position` on.
  void warm_up(Position position = {1, 0});

  // Opens a stream; the client may be used at once.
  Client& connect(UserId user, const std::string& cursor = {}, int receive_buffer = 0);
  // The same, and waits until it is live.
  Client& join(UserId user, const std::string& cursor = {});
  StreamRequest request_of(UserId user, const std::string& cursor = {}) const;

  // The next message of the stream.
  void happens(event::Envelope envelope);
  void deliver(StreamUpdate::Kind kind, Position position);

  // Runs the shard and reads all clients until the condition holds; fails after 10 s.
  template <class Condition>
  void until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited in vain";
      run_a_little();
    }
  }
  void until_seen(Client& client, std::size_t frames);
  void run_a_little();

  ShardSettings settings;
  FakeDatabase database;
  FakeStream stream;
  auth::RevokedSessions revoked{std::chrono::seconds{1800}};
  std::unique_ptr<Shard> shard;
  Position head{1, 0};
  EventId republish_through{0};  // what the head's epoch says
  std::deque<Client> clients;    // a deque: references stay good
  std::int64_t next_session = 1;
  std::chrono::seconds token_life{900};
};

}  // namespace fechatter::notify::test
