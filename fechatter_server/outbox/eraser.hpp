#pragma once

#include <cstdint>
#include <vector>

#include "fechatter_core/event/erasures.hpp"
#include "fechatter_core/event/event_stream.hpp"

namespace fechatter::server {

// A message of the stream whose text is to be erased.
struct OpenErasure {
  event::Position position;
  EventId event;
  bool asked = false;  // JetStream was asked before, and the outcome is unknown
};

// Erasures in the database. Every call throws std::runtime_error when it fails; nothing is half
// done.
class ErasureStore {
 public:
  virtual ~ErasureStore() = default;

  // The longest waiting erasures, `max` at most.
  virtual std::vector<OpenErasure> open(std::size_t max) = 0;
  // Records, durably, that the stream is asked for these from now on. Returns the sequences that
  // may be erased: a new epoch uses the others again.
  virtual std::vector<std::uint64_t> ask(const std::vector<event::Erasure>& erasures) = 0;
  // The stream does not hold the first ones any more, and no text of the second ones. Of these a
  // record stays when the stream was asked for it: another instance may have erased the message
  // since open().
  virtual void settle(const std::vector<event::Position>& erased,
                      const std::vector<event::Position>& without_text) = 0;
};

// The decisions of erasing texts from the stream. A message that may have been erased is on record
// before, for the readers of the stream. A crash or a failure at any point leaves the erasure
// open, and it is asked for again. Any number of instances may run it. One thread.
class Eraser {
 public:
  // Of one step: two requests to JetStream for each.
  static constexpr std::size_t slice_max = 64;

  explicit Eraser(ErasureStore& store) : store_{store} {}

  // Returns how many erasures it has settled. Throws what the store and the stream throw: then the
  // next step needs another stream.
  std::size_t step(event::EventStream& stream);

 private:
  ErasureStore& store_;
};

}  // namespace fechatter::server
