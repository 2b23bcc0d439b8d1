#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "tests/chaos/dice.hpp"

namespace fechatter::power {

// The bytes of a file: as programs see them, and as they are on the disk. One thread at a time.
//
// What was written since the last sync waits in pages of 4 KiB. Each may reach the disk at any
// moment, in any order and in part, by sectors of 512 bytes; the file then ends behind the last
// page that came so far, and what is missing before it reads as zeros. A truncation is of the
// journal: it is on the disk as a whole or not at all, and what was written over bytes that it cut
// off is there only after it.
class FileBytes {
 public:
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t sector = 512;

  // As programs see them.
  const std::string& now() const { return now_; }
  // As they are after a cut that loses all that is not synced.
  const std::string& on_disk() const { return on_disk_; }

  // Zeros fill a gap before `offset`.
  void write(std::size_t offset, std::string_view bytes);
  void resize(std::size_t size);
  void sync();
  // One page that waits reaches the disk, as the kernel writes back by itself.
  void write_back(chaos::Dice& dice);
  // The power is cut: what waits is lost, but for what `dice` lets reach the disk; all without it.
  void cut(chaos::Dice* dice);

 private:
  void touch(std::size_t from, std::size_t to);
  void apply_truncation();
  void bring(std::size_t page_number);
  void tear(std::size_t page_number, chaos::Dice& dice);
  void bring_some(chaos::Dice& dice);

  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

  std::string now_;
  std::string on_disk_;
  std::set<std::size_t> waiting_;    // pages
  std::size_t truncated_ = nowhere;  // the smallest size since the last sync, if it has shrunk
};

}  // namespace fechatter::power
