#include "notify_server/notify_metrics.hpp"

namespace fechatter::notify {
namespace {

using observability::Histogram;
using observability::HistogramSnapshot;
using observability::Metrics;
using observability::Samples;

// The sum over all shards of what `read` returns of one.
template <class Read>
double sum_of(const Hub& hub, Read read) {
  double sum = 0;
  for (const auto* counts : hub.counts()) sum += static_cast<double>(read(*counts));
  return sum;
}

HistogramSnapshot sum_of(const Hub& hub, Histogram ShardCounts::*histogram) {
  const auto shards = hub.counts();
  auto sum = (shards.front()->*histogram).snapshot();
  for (std::size_t i = 1; i < shards.size(); ++i) sum += (shards[i]->*histogram).snapshot();
  return sum;
}

template <class Read>
void add_level(Metrics& metrics, const Hub& hub, const char* name, const char* help, Read read) {
  metrics.gauge(name, help, [&hub, read](Samples& samples) { samples.add(sum_of(hub, read)); });
}

template <class Read>
void add_count(Metrics& metrics, const Hub& hub, const char* name, const char* help, Read read) {
  metrics.counter(name, help, [&hub, read](Samples& samples) { samples.add(sum_of(hub, read)); });
}

// A sample for each value of the enumeration.
template <class Kind>
void add_kinds(Metrics& metrics, const Hub& hub, const char* name, const char* help,
               const char* label, observability::CounterSet<Kind> ShardCounts::*counters) {
  metrics.counter(name, help, [&hub, label, counters](Samples& samples) {
    for (std::size_t i = 0; i < observability::CounterSet<Kind>::size; ++i) {
      const auto kind = static_cast<Kind>(i);
      const auto read = [=](const ShardCounts& counts) { return (counts.*counters).value(kind); };
      samples.add(sum_of(hub, read), {{label, name_of(kind)}});
    }
  });
}

void add_deliveries(Metrics& metrics, const Hub& hub) {
  metrics.histogram("fechatter_message_delivery_seconds",
                    "From the commit of a message to the write of its event to a live stream. "
                    "path: direct, or queued behind a client that did not read.",
                    [&hub](Samples& samples) {
                      samples.add(sum_of(hub, &ShardCounts::delivered), {{"path", "direct"}});
                      samples.add(sum_of(hub, &ShardCounts::delivered_late), {{"path", "queued"}});
                    });
  add_count(metrics, hub, "fechatter_sse_sent_bytes_total", "Bytes written to event streams.",
            [](const ShardCounts& counts) { return counts.sent_bytes.value(); });
  add_level(metrics, hub, "fechatter_sse_queue_bytes",
            "Bytes of events that wait for clients to read.",
            [](const ShardCounts& counts) { return counts.queued_bytes.value(); });
}

void add_connections(Metrics& metrics, const Hub& hub) {
  add_level(metrics, hub, "fechatter_sse_connections", "Open event streams.",
            [](const ShardCounts& counts) { return counts.connections.load(); });
  add_kinds(metrics, hub, "fechatter_sse_opened_total",
            "Event streams that went live: without a cursor, with all since it, or by a Reset.",
            "start", &ShardCounts::opened);
  add_kinds(metrics, hub, "fechatter_sse_closed_total", "Event streams that were closed, by cause.",
            "reason", &ShardCounts::closed);
  add_count(metrics, hub, "fechatter_sse_resets_total",
            "Resets: clients that have to read by REST what they missed.",
            [](const ShardCounts& counts) { return counts.resets.value(); });
  add_level(metrics, hub, "fechatter_online_users",
            "Users with an open event stream on this instance, as connected_users of "
            "/api/sse/health.",
            [](const ShardCounts& counts) { return counts.online_users.load(); });
  add_level(metrics, hub, "fechatter_known_users", "Users whose memberships are in memory.",
            [](const ShardCounts& counts) { return counts.known_users.load(); });
}

void add_replays(Metrics& metrics, const Hub& hub) {
  metrics.histogram(
      "fechatter_replay_duration_seconds",
      "From the opening of a resumed stream until it was live.",
      [&hub](Samples& samples) { samples.add(sum_of(hub, &ShardCounts::replay_times)); });
  metrics.histogram(
      "fechatter_replay_events", "Events that a resumed stream was sent before that.",
      [&hub](Samples& samples) { samples.add(sum_of(hub, &ShardCounts::replay_sizes)); });
  add_level(metrics, hub, "fechatter_ring_events", "Events in the rings of all shards.",
            [](const ShardCounts& counts) { return counts.ring_events.load(); });
  add_level(metrics, hub, "fechatter_ring_bytes",
            "Their bytes; the shards share the events, so this is more than their memory.",
            [](const ShardCounts& counts) { return counts.ring_bytes.load(); });
}

}  // namespace

void add_stream_metrics(Metrics& metrics, const Hub& hub) {
  add_connections(metrics, hub);
  add_deliveries(metrics, hub);
  add_replays(metrics, hub);
}

void add_consumer_metrics(Metrics& metrics, const EventConsumer& consumer) {
  const auto& counts = consumer.counts();
  metrics.gauge("fechatter_consumer_connected", "1 while the consumer is connected to NATS.",
                [&counts](Samples& samples) { samples.add(counts.connected ? 1 : 0); });
  metrics.gauge(
      "fechatter_consumer_lag", "Messages of the stream that were not read yet.",
      [&counts](Samples& samples) { samples.add(static_cast<double>(counts.lag.load())); });
  metrics.gauge(
      "fechatter_consumer_epoch", "The epoch of the last message that was read.",
      [&counts](Samples& samples) { samples.add(static_cast<double>(counts.epoch.load())); });
  metrics.gauge(
      "fechatter_consumer_stream_sequence", "The sequence of the last message that was read.",
      [&counts](Samples& samples) { samples.add(static_cast<double>(counts.stream_seq.load())); });
  metrics.counter("fechatter_consumer_connects_total", "How often the consumer connected to NATS.",
                  counts.connects);
  metrics.counter("fechatter_consumer_events_total", "Events that were read the first time.",
                  counts.events);
  metrics.counter("fechatter_consumer_losses_total",
                  "Losses: events that could no longer be read, so that clients got a Reset.",
                  counts.losses);
}

}  // namespace fechatter::notify
