#pragma once

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "notify_server/stream/shard.hpp"
#include "tests/notify/events.hpp"

namespace fechatter::notify::test {

// Two ends of a TCP connection on loopback: the server's, and the client's descriptor.
std::pair<SocketHandle, int> make_connection(int receive_buffer = 0);

// A frame as a client receives it.
struct ReceivedFrame {
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

  // Reads what the socket has, without waiting.
  void read();
  void disconnect();

  const std::string& head() const { return head_; }
  const std::vector<ReceivedFrame>& frames() const { return frames_; }
  bool closed() const { return closed_; }
  // The names of the frames, "heartbeat" for those without one.
  std::vector<std::string> names() const;
  std::vector<std::string> ids() const;  // the positions in them
  bool has(const std::string& name) const;

 private:
  void parse();

  int descriptor_;
  std::string head_;
  std::string unread_;
  std::vector<ReceivedFrame> frames_;
  bool closed_ = false;
};

// The memberships and messages in the database. Answers at once, unless held.
class FakeDatabase {
 public:
  awaitable<std::vector<postgres::MemberRow>> read(std::vector<UserId> users);
  awaitable<std::vector<postgres::MessageVersion>> read_versions(std::vector<MessageKey> messages);
  awaitable<std::vector<postgres::OpenSession>> read_sessions(std::vector<SessionId> sessions);

  std::vector<postgres::MemberRow> rows;
  std::map<MessageKey, std::int64_t> versions;
  std::vector<std::vector<MessageKey>> version_reads;  // the messages of each statement
  std::vector<std::vector<UserId>> reads;              // the users of each statement
  bool held = false;                                   // statements wait while this is true
  int failures = 0;                                    // so many statements fail first
  int version_failures = 0;                            // likewise, of those that read versions
  std::vector<postgres::OpenSession> open_sessions;
  std::vector<std::vector<SessionId>> session_reads;  // the sessions of each statement
  int session_failures = 0;                           // likewise, of those that read sessions
};

// The stream of the events that ShardTest::publish made.
class FakeStream {
 public:
  // At most `slice` messages.
  awaitable<ReplaySlice> read(WorkspaceId workspace, FrameId after, std::uint64_t to);

  std::vector<EventPtr> events;
  std::size_t slice = 10;
  std::uint64_t first = 1;        // older events have expired
  std::size_t reads_max = 1000;   // after so many, all events have expired
  std::size_t hold_after = 1000;  // after so many, reads wait
  std::vector<Position> reads;    // where each read began
  bool held = false;              // reads wait while this is true
  int failures = 0;               // so many reads fail first
};

// One shard, run by the test's own thread.
class ShardTest : public testing::Test {
 protected:
  ShardTest();

  // With other settings than the constructor's.
  void restart_shard();
  // The ring is warm, from `position` on.
  void warm_up(Position position = {1, 0});

  // Opens a stream, and does not wait.
  Client& connect(UserId user, const std::string& cursor = {}, int receive_buffer = 0);
  // The same, and waits until it is live.
  Client& join(UserId user, const std::string& cursor = {});
  StreamRequest request_of(UserId user, const std::string& cursor = {}) const;

  // The next message of the stream; the version that it shows is the present one.
  void publish(event::Envelope envelope);
  void deliver(StreamUpdate::Kind kind, Position position);

  // Runs the shard and reads all clients until the condition holds; fails after 10 s.
  template <class Condition>
  void until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "timed out";
      run_a_little();
    }
  }
  void until_received(Client& client, std::size_t frames);
  void run_a_little();

  ShardSettings settings;
  FakeDatabase database;
  FakeStream stream;
  auth::RevokedSessions revoked{std::chrono::seconds{1800}};
  std::unique_ptr<Shard> shard;
  Position head{1, 0};
  EventId republish_through{0};  // what the head's epoch says
  std::deque<Client> clients;    // a deque: references stay valid
  std::int64_t next_session = 1;
  std::chrono::seconds token_life{900};
  bool lasts_as_session = false;
};

}  // namespace fechatter::notify::test
