#pragma once

#include <optional>

#include "bench/bare_streams.hpp"
#include "bench/crowd.hpp"
#include "bench/people.hpp"
#include "bench/stage.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_server/outbox/event_chain.hpp"

namespace fechatter::bench {

// One message to deliver: its chat, and the time that is stamped on it.
struct Delivery {
  std::size_t chat;
  std::int64_t stamp_ns;
};

// Chats of equal size, and their subscribers.
struct Chats {
  std::vector<std::int64_t> ids;
  std::size_t size = 0;

  std::size_t listeners() const { return ids.size() * size; }
};

// A system that delivers messages to subscribers.
class Side {
 public:
  virtual ~Side() = default;
  virtual void deliver(const std::vector<Delivery>& deliveries) = 0;
  virtual pid_t process() const = 0;
  virtual Crowd& crowd() = 0;
};

// Messages as the outbox has them, published into the stream as the relay does it.
class Publisher {
 public:
  // REQUIRES: there is a stream, and no relay any more.
  Publisher(const std::string& nats_url, const People& people);

  server::OutboxRow event_of(std::int64_t chat, std::int64_t stamp_ns);
  void publish(const std::vector<server::OutboxRow>& events);
  std::int64_t epoch() const { return epoch_; }
  std::uint64_t last_stream_seq() const { return last_stream_seq_; }

 private:
  const People& people_;
  nats::Connection connection_;
  nats::JetStream stream_{connection_};
  const std::int64_t epoch_ = 1;
  std::uint64_t last_stream_seq_ = 0;
  std::optional<server::EventChain> chain_;
  std::int64_t told_ = 0;
};

// notify_server, behind a stream into which is published as the relay does it.
class OurSide : public Side {
 public:
  OurSide(const Stage& stage, Publisher& publisher, const People& people, Chats chats);

  void deliver(const std::vector<Delivery>& deliveries) override;
  pid_t process() const override { return process_; }
  Crowd& crowd() override { return crowd_; }

 private:
  Publisher& publisher_;
  const Chats chats_;
  const pid_t process_;
  Crowd crowd_;
};

struct Pipe {
  Pipe();
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end = -1;
  int write_end = -1;
};

// The plain loop, which sends the bytes that notify_server would send.
class BareSide : public Side {
 public:
  BareSide(const Chats& chats, std::string frame);

  void deliver(const std::vector<Delivery>& deliveries) override;
  pid_t process() const override { return loop_.pid(); }
  Crowd& crowd() override { return *crowd_; }

 private:
  void run(std::size_t group, std::string frame) const;

  const std::uint16_t port_;
  const Pipe pipe_;
  Child loop_;
  std::optional<Crowd> crowd_;
};

// The plain loop again, fed by a stream of its own instead of a pipe: NATS takes its part of the
// machine here, too.
class BareStreamSide : public Side {
 public:
  // `loop` runs run_bare_notify() for `chats`, at `port`.
  BareStreamSide(pid_t loop, std::uint16_t port, const std::string& nats_url, Publisher& publisher,
                 Chats chats);

  void deliver(const std::vector<Delivery>& deliveries) override;
  pid_t process() const override { return loop_; }
  Crowd& crowd() override { return crowd_; }

 private:
  Publisher& publisher_;
  const Chats chats_;
  const pid_t loop_;
  nats::Connection connection_;
  Crowd crowd_;
};

// What notify_server makes of such an event; the stamp has the only stamp_mark in it.
std::string frame_of(const server::OutboxRow& event, const Publisher& publisher);

}  // namespace fechatter::bench
