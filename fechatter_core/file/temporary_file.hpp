#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fechatter_core/file/descriptor.hpp"

namespace fechatter::file {

// A file under a random name that the destructor removes. Calls, and the destructor, block; one
// thread at a time. They throw as throw_disk_error does.
class TemporaryFile {
 public:
  TemporaryFile() = default;  // none
  // A new, empty one. REQUIRES: `folder` outlives it.
  explicit TemporaryFile(const Descriptor& folder);
  ~TemporaryFile() { remove(); }
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;

  void append(std::string_view bytes);
  // Copies what is there from `offset` on, `count` bytes at most; 0 at the end.
  std::size_t read(std::uint64_t offset, char* to, std::size_t count) const;
  // The content survives a loss of power.
  void sync();
  void remove();

  explicit operator bool() const { return folder_ != nullptr; }
  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

 private:
  void begin_write_back();

  const Descriptor* folder_ = nullptr;
  std::string name_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t written_back_ = 0;      // up to here nothing waits for the disk
  std::uint64_t write_back_begun_ = 0;  // bytes
};

}  // namespace fechatter::file
