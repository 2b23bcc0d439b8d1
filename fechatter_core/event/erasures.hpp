#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <vector>

#include "fechatter_core/event/position.hpp"
#include "fechatter_core/model/ids.hpp"

// Messages of the stream whose text was erased. JetStream leaves a hole where it erases a message;
// readers of the stream take such a sequence for present and empty, and any other missing one for
// a loss. The record is older than the hole: it is durable before JetStream is asked, so a reader
// that has found a hole and then finds no record knows that none was asked for.
namespace fechatter::event {

// The type of an event whose text was erased before it was published, or published again: it has
// its place in the order, no data, and is for no user.
inline constexpr const char* erased_type = "Erased";

// No sequence is higher, and PostgreSQL can express it.
inline constexpr std::uint64_t last_of_all = std::numeric_limits<std::int64_t>::max();

// A message that was erased, or is about to be.
struct Erasure {
  Position position;
  EventId event;
  WorkspaceId workspace;
  // What the message's header said: as StreamMessage::workspace_previous.
  std::uint64_t workspace_previous = 0;
};

// The records could not be read: nothing can be said of a missing sequence.
class ErasuresUnknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// In place of an epoch.
inline constexpr std::int64_t any_epoch = 0;

// Reads the records. Throws ErasuresUnknown. One thread.
class ErasureSource {
 public:
  virtual ~ErasureSource() = default;

  // The erasures of one epoch, or of any, with sequences from `first` to `last`, in order, 10,000
  // at most.
  virtual std::vector<Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                      std::uint64_t last) = 0;
};

// Erasures of one epoch, or of any. For a sequence that is not among those that it knows, it reads
// one answer of the source, from that sequence on: in the order of the stream, each record is read
// once. Some 20,000 are kept. REQUIRES: the source outlives it. One thread.
class KnownErasures {
 public:
  explicit KnownErasures(ErasureSource& source) : source_{source} {}

  // Null when the sequence was not erased. Throws ErasuresUnknown, as the other does. Valid until
  // the next call.
  const Erasure* find(std::int64_t epoch, std::uint64_t stream_seq);
  // Whether all sequences from `first` to `last` were erased; true when there are none.
  bool cover(std::int64_t epoch, std::uint64_t first, std::uint64_t last);

 private:
  ErasureSource& source_;
  std::int64_t epoch_ = 0;
  std::map<std::uint64_t, Erasure> erasures_;
};

}  // namespace fechatter::event
