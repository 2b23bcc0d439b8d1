#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "fechatter_core/async.hpp"

namespace fechatter::http {

// The body of a response that is read while the socket accepts it: a file, an export. Belongs to
// one response; called on the session's strand, one call at a time. A source that throws fails: the
// response becomes a problem while nothing of it has been sent, and the connection is closed
// otherwise.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // The size of the whole body in bytes. Nullopt: not known, and the body is sent in chunks.
  // A source of a known size serves byte ranges.
  virtual std::optional<std::uint64_t> size() const = 0;

  // Copies the bytes from `offset` on to `to`: at least one and at most `count`, or none at the end
  // of the body, and returns their number. `count` is at least 1. Offsets follow one another; the
  // first one is not 0 when a byte range is sent.
  virtual awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) = 0;

  // A descriptor of a regular file that is the whole body, open to read, as long as the source is
  // there; -1 when there is none. A body of a known size that has one is sent by sendfile(2).
  virtual int descriptor() const { return -1; }

  // With a descriptor: has bytes from `offset` on in the kernel's memory, so that sendfile does not
  // wait for the disk, and returns their number: at least one and at most `count`, or none at the
  // end of the body. `count` is at least 1.
  virtual awaitable<std::uint64_t> load([[maybe_unused]] std::uint64_t offset,
                                        std::uint64_t count) {
    co_return count;
  }
};

}  // namespace fechatter::http
