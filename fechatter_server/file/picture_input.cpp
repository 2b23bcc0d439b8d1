#include "fechatter_server/file/picture_input.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace fechatter::server {
namespace {

constexpr std::size_t copy_piece_bytes = 256 * 1024;

void require_descriptor(const file::Descriptor& descriptor, const char* call) {
  if (!descriptor) throw std::system_error{errno, std::generic_category(), call};
}

void write_to_memory(const file::Descriptor& memory, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(memory.get(), bytes.data(), bytes.size());
    if (count < 0) throw std::system_error{errno, std::generic_category(), "write"};
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

file::Descriptor reopened_to_read(const file::Descriptor& memory) {
  const auto path = "/proc/self/fd/" + std::to_string(memory.get());
  file::Descriptor again{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  require_descriptor(again, "open of a copy in memory");
  return again;
}

}  // namespace

awaitable<file::Descriptor> picture_input(http::BodySource& source,
                                          std::uint64_t copied_bytes_max) {
  if (source.descriptor() >= 0) {
    file::Descriptor own{fcntl(source.descriptor(), F_DUPFD_CLOEXEC, 0)};
    require_descriptor(own, "fcntl");
    co_return own;
  }
  if (source.size().value_or(0) > copied_bytes_max) co_return file::Descriptor{};
  file::Descriptor memory{memfd_create("picture", MFD_CLOEXEC)};
  require_descriptor(memory, "memfd_create");
  std::vector<char> piece(copy_piece_bytes);
  std::uint64_t copied = 0;
  for (;;) {
    auto reading = source.read(copied, piece.data(), piece.size());
    const auto count = co_await std::move(reading);
    if (count == 0) break;
    copied += count;
    if (copied > copied_bytes_max) co_return file::Descriptor{};
    write_to_memory(memory, {piece.data(), count});
  }
  co_return reopened_to_read(memory);
}

}  // namespace fechatter::server
