#pragma once

#include <functional>
#include <vector>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/observability/tracer.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

// Publishes events to the stream as a publish chain: each message names the sequence and, but for
// the first, the id of the message that must be the stream's last (Nats-Expected-Last-Sequence,
// Nats-Expected-Last-Msg-Id), so that no event overtakes another and a relay that has lost its
// lease cannot interleave. The sequence alone may fit by chance, when a message of another relay
// stands at the sequence where one of this relay was refused. Many messages are in flight at once;
// the first refusal refuses all that follow. Each message also names the one before it of its
// workspace. One thread.
class EventChain {
 public:
  EventChain(event::EventStream& stream, const event::Epoch& epoch, std::uint64_t last_stream_seq,
             observability::TracerPtr tracer = nullptr)
      : stream_{stream},
        epoch_{epoch},
        last_stream_seq_{last_stream_seq},
        tracer_{std::move(tracer)} {}

  struct Result {
    Published published;   // the acknowledged events: a prefix of the given ones
    bool unbroken = true;  // false: the chain cannot be continued
  };

  // Publishes in order and waits for the acknowledgements, 2 s at most. REQUIRES: the rows were
  // read when all events that were published before are marked. `may_publish` is asked before each
  // event, and repeatedly while waiting; after a no, no further event is sent.
  Result publish(const std::vector<OutboxRow>& rows, const std::function<bool()>& may_publish);

 private:
  // The sequences of the messages; 0 for one that was refused or not acknowledged in time.
  std::vector<std::uint64_t> collect_acks(const std::vector<std::uint64_t>& tickets,
                                          const std::function<bool()>& may_publish);

  event::EventStream& stream_;
  const event::Epoch epoch_;
  std::uint64_t last_stream_seq_;
  std::string last_message_id_;  // empty at first
  const observability::TracerPtr tracer_;
};

}  // namespace fechatter::server
