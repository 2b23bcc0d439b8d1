#pragma once

#include "notify_server/log/event.hpp"
#include "notify_server/log/event_trace.hpp"

namespace fechatter::notify {

// One step of the event log, from the EventFollower to every shard, in the order of the stream.
struct StreamUpdate {
  enum class Kind {
    event,        // first published here: delivered, and put into the ring
    republished,  // delivered in an earlier epoch, published again in this one: for the ring only
    empty,        // no event at this position
    lost,         // some event up to this position can no longer be read
    warmed_up,    // the ring is filled up to this position: connections may catch up
    at_head,      // the stream had nothing beyond this position at this moment
  };
  Kind kind = Kind::empty;
  Position position;
  EventPtr event;  // of event and republished
  // The update's epoch first republishes earlier events, up to this one; 0: nothing.
  EventId republish_through = {};
  // Of an empty update: the event at this position whose text was erased; 0: none.
  EventId erased = {};
  std::shared_ptr<const EventTrace> trace = nullptr;  // of an event of a sampled trace
};

}  // namespace fechatter::notify
