#pragma once

#include <string>
#include <vector>

#include "tests/chaos/history.hpp"

// The invariants, over what all clients did and saw and what the database says at the end. Pure
// functions: the same histories give the same findings.
namespace fechatter::chaos {

struct Violation {
  std::string invariant;
  std::string detail;  // the records concerned
};

// Every answer is in the final history, nothing is there that nobody sent, a key gives one message,
// and numbers are 1..n in each chat.
std::vector<Violation> check_messages(const Histories& histories, const FinalState& final_state);

// What was changed is told: edits and deletions that were acknowledged, and the members at the end
// are those that the events of membership make.
std::vector<Violation> check_changes(const Histories& histories, const FinalState& final_state);

// Every listener saw its chats' events in order, without holes but for a Reset, nothing twice, and
// nothing of a chat that it may not see.
std::vector<Violation> check_listeners(const Histories& histories, const FinalState& final_state);

// All of them.
std::vector<Violation> check(const Histories& histories, const FinalState& final_state);

}  // namespace fechatter::chaos
