#pragma once

#include <string>
#include <vector>

#include "tests/chaos/history.hpp"

// The invariants, checked on the histories of all clients and the final state of the database. Pure
// functions: the same histories result in the same violations.
namespace fechatter::chaos {

struct Violation {
  std::string invariant;
  std::string detail;  // names the records
};

// Every acknowledged message is in the final history, only sent messages are, an idempotency key
// has one message, and seq is 1..n in each chat.
std::vector<Violation> check_messages(const Histories& histories, const FinalState& final_state);

// Every acknowledged edit and deletion has its event, and the final members are those that result
// from the membership events.
std::vector<Violation> check_changes(const Histories& histories, const FinalState& final_state);

// Acknowledged archives and restores are in effect, and an archived chat, and no other, refuses
// what members write.
std::vector<Violation> check_archives(const Histories& histories, const FinalState& final_state);

// Every scheduled message was sent once, as it was last changed, unless it was cancelled or its
// chat was archived.
std::vector<Violation> check_scheduled(const Histories& histories, const FinalState& final_state);

// Every draft is what its newest acknowledged change made it, each of which replaced the version
// that it named.
std::vector<Violation> check_drafts(const Histories& histories, const FinalState& final_state);

// Every file of a message is whole, what nothing names is removed, and nothing else is.
std::vector<Violation> check_files(const Histories& histories, const FinalState& final_state);

// Reports of typing and presence were answered as is due; ephemeral events reached no non-member.
std::vector<Violation> check_ephemerals(const Histories& histories, const FinalState& final_state);

// Every subscriber got the events of its chats in order, none twice, none missing except across a
// Reset, and none of a foreign chat.
std::vector<Violation> check_subscribers(const Histories& histories, const FinalState& final_state);

// All invariants.
std::vector<Violation> check(const Histories& histories, const FinalState& final_state);

}  // namespace fechatter::chaos
