#pragma once

#include <functional>
#include <vector>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

// Publishes events to the stream as a chain: each names the sequence and, but for the first, the id
// of the message that must be the stream's last (Nats-Expected-Last-Sequence, -Msg-Id), so that
// nothing overtakes and a relay that was replaced cannot interleave: the sequence alone may fit by
// chance, when somebody else's message stands where one of ours was refused. Many are under way at
// once; the first that is refused breaks all behind it. One thread.
class EventChain {
 public:
  EventChain(event::EventStream& stream, const event::Epoch& epoch, std::uint64_t last_stream_seq)
      : stream_{stream}, epoch_{epoch}, last_stream_seq_{last_stream_seq} {}

  struct Result {
    Published published;   // the acknowledged events: the first ones of those given
    bool unbroken = true;  // false: this chain is at its end
  };

  // Publishes in order and waits for the acknowledgements, 2 s at most. `may_go_on` is asked before
  // each event, and again and again while waiting; when it says no, nothing more is published.
  Result publish(const std::vector<OutboxRow>& rows, const std::function<bool()>& may_go_on);

 private:
  std::vector<std::uint64_t> send(const std::vector<OutboxRow>& rows,
                                  const std::function<bool()>& may_go_on);
  std::vector<std::uint64_t> collect(const std::vector<std::uint64_t>& tickets,
                                     const std::function<bool()>& may_go_on);

  event::EventStream& stream_;
  const event::Epoch epoch_;
  std::uint64_t last_stream_seq_;
  std::string last_message_id_;  // empty at first
};

}  // namespace fechatter::server
