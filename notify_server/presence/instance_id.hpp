#pragma once

#include <cstdint>
#include <random>

namespace fechatter::notify {

// By which an instance knows its own messages.
inline std::uint64_t random_instance_id() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace fechatter::notify
