#pragma once

#include <cstdint>

#include "fechatter_core/file/descriptor.hpp"
#include "fechatter_core/http/body_source.hpp"

namespace fechatter::server {

// A descriptor for another process, from which it reads what the source has: the source's own file,
// or a copy in memory (memfd), when it has `copied_bytes_max` at most. Empty when it has more.
// Throws std::system_error, and what the source throws.
awaitable<file::Descriptor> picture_input(http::BodySource& source, std::uint64_t copied_bytes_max);

}  // namespace fechatter::server
