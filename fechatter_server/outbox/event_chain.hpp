#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

// Publishes events to the stream as a chain: each names the sequence that must be the stream's last
// (Nats-Expected-Last-Sequence), so that nothing overtakes and a relay that was replaced cannot
// interleave. Many are under way at once; the first that is refused breaks all behind it. One
// thread.
class EventChain {
 public:
  EventChain(nats::Connection& connection, std::int64_t epoch, std::uint64_t last_stream_seq);

  struct Result {
    Published published;   // the acknowledged events: the first ones of those given
    bool unbroken = true;  // false: this chain is at its end
  };

  // Publishes in order and waits for the acknowledgements, 2 s at most. `may_go_on` is asked before
  // each event, and again and again while waiting; when it says no, nothing more is published.
  Result publish(const std::vector<OutboxRow>& rows, const std::function<bool()>& may_go_on);

 private:
  std::size_t send(const std::vector<OutboxRow>& rows, const std::function<bool()>& may_go_on);
  std::vector<std::uint64_t> collect(std::size_t sent, const std::function<bool()>& may_go_on);

  nats::Connection& connection_;
  const std::int64_t epoch_;
  std::uint64_t last_stream_seq_;
  const std::string inbox_;
  nats::Subscription acks_;
  std::uint64_t round_ = 0;  // answers to an earlier publish() are told apart by it
};

// "<epoch>-<event_id>", the Nats-Msg-Id of an event.
std::string message_id_of(std::int64_t epoch, EventId event);

}  // namespace fechatter::server
