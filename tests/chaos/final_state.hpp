#pragma once

#include "tests/chaos/history.hpp"
#include "tests/chaos/world.hpp"

namespace fechatter::chaos {

// What is there at the end: messages as a resident of each chat reads them by REST, events and
// members by SQL.
FinalState read_final_state(const World& world, std::uint16_t server_port,
                            const std::string& owner_url);

}  // namespace fechatter::chaos
