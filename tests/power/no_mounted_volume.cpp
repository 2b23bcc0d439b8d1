// Where libfuse3 is missing.
#include "tests/power/mounted_volume.hpp"

namespace fechatter::power {

std::unique_ptr<MountedVolume> MountedVolume::make(std::uint64_t /*seed*/) {
  return nullptr;
}

}  // namespace fechatter::power
