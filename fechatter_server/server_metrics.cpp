#include "fechatter_server/server_metrics.hpp"

namespace fechatter::server {
namespace {

using observability::Metrics;
using observability::Samples;

template <class Read>
void add_gauge(Metrics& metrics, const char* name, const char* help, Read read) {
  metrics.gauge(name, help, [read](Samples& samples) { samples.add(static_cast<double>(read())); });
}

template <class Kind>
void add_kinds(Metrics& metrics, const char* name, const char* help, const char* label,
               const observability::CounterSet<Kind>& counters) {
  metrics.counter(name, help, [&counters, label](Samples& samples) {
    for (std::size_t i = 0; i < observability::CounterSet<Kind>::size; ++i) {
      const auto kind = static_cast<Kind>(i);
      samples.add(static_cast<double>(counters.value(kind)), {{label, name_of(kind)}});
    }
  });
}

}  // namespace

void add_message_metrics(Metrics& metrics, const AppendQueue& queue) {
  const auto& counts = queue.counts();
  metrics.counter("fechatter_messages_created_total", "Messages that were stored.", counts.created);
  metrics.histogram("fechatter_message_commit_duration_seconds",
                    "One round trip that stores a batch of messages, with its commit.",
                    counts.commit_times);
  metrics.histogram("fechatter_message_batch_messages", "Messages of a batch.", counts.batch_sizes);
  metrics.counter("fechatter_message_batch_failures_total",
                  "Batches that PostgreSQL did not store.", counts.failed);
  metrics.counter("fechatter_message_slow_lane_total",
                  "Messages whose chat was locked, so that they went to the slow lane.",
                  counts.slow);
  add_gauge(metrics, "fechatter_message_queue_messages", "Messages that wait for a writer.",
            [&queue] { return queue.waiting(); });
}

void add_relay_metrics(Metrics& metrics, const OutboxRelay& relay) {
  const auto& counts = relay.counts();
  add_gauge(metrics, "fechatter_relay_lease_held", "1 while this instance holds the lease.",
            [&relay] { return relay.holding() ? 1 : 0; });
  add_gauge(metrics, "fechatter_relay_epoch",
            "The epoch of the stream as of the last lease of this instance; 0: it had none.",
            [&counts] { return counts.epoch.load(); });
  metrics.counter("fechatter_relay_lease_acquisitions_total",
                  "How often this instance acquired the lease.", counts.acquisitions);
  metrics.counter("fechatter_relay_epochs_raised_total",
                  "Epochs that this instance raised: losses of the stream, and its first one.",
                  counts.epochs_raised);
  metrics.counter("fechatter_relay_published_total",
                  "Events that JetStream acknowledged, republished ones included.",
                  counts.published);
  metrics.counter("fechatter_relay_broken_chains_total",
                  "Batches in which JetStream refused or did not acknowledge an event.",
                  counts.broken_chains);
  metrics.histogram("fechatter_relay_batch_events", "Acknowledged events of a batch.",
                    counts.batch_sizes);
  metrics.histogram("fechatter_relay_lag_seconds",
                    "From the commit of an event to its acknowledgement by JetStream.",
                    counts.lags);
}

void add_stored_metrics(Metrics& metrics, const StoredFigures& figures) {
  metrics.gauge("fechatter_outbox_pending_events",
                "Committed events that were not published yet, up to 10,000.",
                [&figures](Samples& samples) {
                  const auto backlog = figures.backlog();
                  if (backlog) samples.add(static_cast<double>(backlog->pending));
                });
  metrics.gauge("fechatter_outbox_oldest_age_seconds", "Age of the oldest of these.",
                [&figures](Samples& samples) {
                  const auto backlog = figures.backlog();
                  if (backlog) samples.add(backlog->oldest_seconds);
                });
  metrics.gauge("fechatter_active_users",
                "Users that were seen in the last 1, 7 and 30 days; of the holder of the lease.",
                [&figures](Samples& samples) {
                  const auto users = figures.active_users();
                  if (!users) return;
                  samples.add(static_cast<double>(users->day), {{"window", "1d"}});
                  samples.add(static_cast<double>(users->week), {{"window", "7d"}});
                  samples.add(static_cast<double>(users->month), {{"window", "30d"}});
                });
}

void add_search_metrics(Metrics& metrics, const MessageSearch& search,
                        const SearchIndexer& indexer) {
  metrics.histogram("fechatter_search_duration_seconds",
                    "Searches that were answered, with their waiting.", search.times());
  add_gauge(metrics, "fechatter_search_index_lag_events",
            "Events that the index does not have yet, over all instances.",
            [&indexer] { return indexer.lag(); });
  const auto& counts = indexer.counts();
  metrics.counter("fechatter_search_index_events_total",
                  "Events by outcome: acked, dead_letter, or failed and redelivered.",
                  [&counts](Samples& samples) {
                    samples.add(counts.acked, {{"outcome", "acked"}});
                    samples.add(counts.dead_lettered, {{"outcome", "dead_letter"}});
                    samples.add(counts.failed, {{"outcome", "failed"}});
                  });
}

void add_file_metrics(Metrics& metrics, const Files& files) {
  metrics.histogram("fechatter_upload_size_bytes", "Files that were stored.", files.sizes());
  add_gauge(metrics, "fechatter_uploads_under_way", "Uploads that are being received or stored.",
            [&files] { return files.uploads_under_way(); });
}

void add_account_metrics(Metrics& metrics, const Accounts& accounts,
                         const PasswordHasher& passwords, const AuditCounts& audit) {
  add_kinds(metrics, "fechatter_auth_events_total", "Sign-ins and what belongs to them.", "event",
            accounts.counts());
  add_kinds(metrics, "fechatter_audit_events_total",
            "What owners and admins of workspaces have done.", "action", audit);
  metrics.histogram("fechatter_password_hash_duration_seconds",
                    "Argon2id hashes and comparisons, without their waiting.", passwords.times());
  add_gauge(metrics, "fechatter_password_hash_waiting",
            "Hashes and comparisons that wait for their turn.",
            [&passwords] { return passwords.waiting(); });
}

}  // namespace fechatter::server
