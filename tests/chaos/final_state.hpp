#pragma once

#include "tests/chaos/history.hpp"
#include "tests/chaos/population.hpp"

namespace fechatter::chaos {

// Reads the final state: by REST what clients see, messages as a permanent member of each chat;
// events and members by SQL.
FinalState read_final_state(const Population& population, std::uint16_t server_port,
                            const std::string& owner_url);

}  // namespace fechatter::chaos
