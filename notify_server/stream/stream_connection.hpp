#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "notify_server/membership/membership_cache.hpp"
#include "notify_server/stream/pending.hpp"
#include "notify_server/stream/stream_request.hpp"

namespace fechatter::notify {

namespace asio = boost::asio;

class Shard;

using StreamSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

// What a connection knows until it is live.
struct Join {
  Cursor cursor;
  SteadyTime began;
  std::string_view reset = {};  // why nothing but a Reset helps; a literal
  bool was_live = false;        // has been told CaughtUp already
  bool replaying = false;       // a part of what was missed has been handed over
  // At most one of these: where it is on its way.
  bool waiting = false;         // for the log, or for the database
  bool queued = false;          // for its next step of a replay
  bool reading_replay = false;  // from the stream

  bool resting() const { return !waiting && !queued && !reading_replay; }
};

// One open stream: a small state machine without a coroutine, since there are many and they idle.
// Writes directly and queues only what the kernel refuses; the queue is bounded by events and by
// bytes, and full means closed: the client resumes. Lives on its shard's thread.
class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  StreamConnection(Shard& shard, CachedUser& user, const StreamRequest& request,
                   StreamSocket socket);

  // Watches for the peer's close. Call once.
  void start();

  // Queues; the shard flushes before its handler ends. Beyond the bounds flush() closes.
  void push(const Frame& frame);
  void flush();
  // Cuts the stream at once. What still waits is lost, and the client resumes.
  void close();

  bool live() const { return !join_ && !closed_; }
  bool closed() const { return closed_; }
  // The kernel has refused; the shard is told (drained) when everything has gone out.
  bool blocked() const { return blocked_; }
  // Half of the bounds is left, so that a replay leaves room for what is live.
  bool has_room() const;

  CachedUser& user() const { return user_; }
  SessionId session() const { return session_; }
  Join* join() const { return join_.get(); }
  // `epoch`: the log's. `ahead`: its client says that it was beyond what is known.
  void go_live(std::int64_t epoch, bool ahead);
  bool ahead() const { return ahead_; }
  // Told by an epoch before the one in which it went live: told to its client, too, or fetched by
  // it after the Reset.
  bool is_past(const Event& event) const {
    return event.first_position.epoch > 0 && event.first_position.epoch < epoch_;
  }
  // Live no longer: it is to be told why, and where it stands.
  void begin_again(std::string_view reset);

  // Its place in the shard's list of connections.
  std::size_t place = 0;

 private:
  void watch();
  bool read_and_discard();
  void write();
  ssize_t send_pending();
  void wait_for_room();

  Shard& shard_;
  CachedUser& user_;
  const SessionId session_;
  StreamSocket socket_;
  std::unique_ptr<Pending> pending_;  // null unless something waits
  std::unique_ptr<Join> join_;        // null once live
  std::int64_t epoch_ = 0;            // in which it went live
  std::uint32_t discarded_ = 0;       // bytes that the peer sent and nobody asked for
  bool dirty_ = false;
  bool blocked_ = false;
  bool overflowed_ = false;
  bool closed_ = false;
  bool ahead_ = false;
};

}  // namespace fechatter::notify
