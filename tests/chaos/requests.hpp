#pragma once

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

Outcome outcome_of(int status);

// The code of the problem in a refusal; empty when the answer has none.
std::string code_in(const Answer& answer);

// Sends one request to the balancer or to any instance, with a short timeout at times, and counts
// the status of the answer.
awaitable<Answer> send_request(Traffic& traffic, std::string request);

// The same with an upload; a third of them pause in the middle, so that faults come while the
// server has the half of a file.
awaitable<Answer> send_upload(Traffic& traffic, std::string request);

// An exponentially distributed pause with a mean of `mean` milliseconds, which the end of the run
// cuts short.
awaitable<> rest(Traffic& traffic, double mean);

}  // namespace fechatter::chaos
