#pragma once

#include <cstdint>
#include <string>

namespace fechatter::chaos {

// How the services store on a disk whose power is cut.
struct PowerOptions {
  std::uint64_t seed = 1;  // of what reaches the disk before it must
  std::string nats_program = "nats-server";
  bool nats_syncs_always = false;  // as in test::NatsOptions
  bool postgres_syncs = true;      // without it, acknowledged messages must get lost
};

}  // namespace fechatter::chaos
