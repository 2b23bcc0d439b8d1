#pragma once

#include <nats/nats.h>

#include <cstdint>

// Replicas: on how many servers of a cluster NATS stores a stream. A consumer has those of its
// stream.
namespace fechatter::nats {

// Of the stream of events. Throws Failure, also without a stream.
std::int64_t event_replicas(jsCtx* context);

// Gives the stream of that configuration as many replicas, and notes them in it. A stream with
// fewer is better than none: what the servers refuse is logged as a warning, and changes nothing.
void apply_replicas(jsCtx* context, jsStreamConfig& config, std::int64_t replicas);

// Throws Failure for the description of a stream by a replica that knows no leader. Such a replica
// answers after 10 s, with what it has itself; what it lacks would count as lost.
void check_leader(const jsStreamInfo& info);

}  // namespace fechatter::nats
