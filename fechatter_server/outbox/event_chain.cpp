#include "fechatter_server/outbox/event_chain.hpp"

#include <unordered_map>

#include "fechatter_core/steady_clock.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds ack_timeout{2};
constexpr std::chrono::milliseconds ack_slice{100};

// The spans of the rows that belong to sampled traces: most batches have none.
class PublishSpans {
 public:
  explicit PublishSpans(observability::Tracer* tracer) : tracer_{tracer} {}

  // The traceparent of the message; empty: none.
  std::string begin(const OutboxRow& row, std::size_t index) {
    if (!row.trace.sampled) return {};
    if (!tracer_) return to_traceparent(row.trace);
    open_.push_back({observability::Tracer::begin_child(row.trace), &row, index});
    return to_traceparent(open_.back().span.context);
  }

  // The first `published` rows were acknowledged.
  void end(std::size_t published) {
    for (const auto& [span, row, index] : open_) {
      tracer_->record({span.context,
                       span.parent,
                       observability::SpanKind::producer,
                       "publish " + row->type,
                       span.start_ns,
                       observability::now_ns(),
                       {{"messaging.system", "nats"}, {"fechatter.event_id", row->id.value}},
                       index >= published});
    }
  }

 private:
  struct Open {
    observability::OpenSpan span;
    const OutboxRow* row;
    std::size_t index;
  };

  observability::Tracer* const tracer_;
  std::vector<Open> open_;
};

}  // namespace

EventChain::Result EventChain::publish(const std::vector<OutboxRow>& rows,
                                       const std::function<bool()>& may_publish) {
  const auto expected_first = last_stream_seq_ + 1;
  std::unordered_map<WorkspaceId, std::uint64_t> last_of;  // each workspace of these rows
  std::vector<std::uint64_t> tickets;
  tickets.reserve(rows.size());
  PublishSpans spans{tracer_.get()};
  for (const auto& row : rows) {
    if (!may_publish()) break;
    auto message_id = event::message_id_of(epoch_.number, row.id);
    const auto marked =
        row.workspace_last.epoch == epoch_.number ? row.workspace_last.stream_seq : 0;
    auto& last = last_of.try_emplace(row.workspace_id, marked).first->second;
    tickets.push_back(
        stream_.publish({event::subject_of(row.workspace_id, row.chat_id, row.type), message_id,
                         row.first_position, last, epoch_, last_stream_seq_, last_message_id_,
                         row.envelope, spans.begin(row, tickets.size())}));
    last = ++last_stream_seq_;
    last_message_id_ = std::move(message_id);
  }
  const auto sequences = collect_acks(tickets, may_publish);
  Result result;
  for (std::size_t i = 0; i < tickets.size() && sequences[i] == expected_first + i; ++i) {
    result.published.ids.push_back(rows[i].id.value);
    result.published.created_micros.push_back(rows[i].created_micros);
    result.published.stream_seqs.push_back(static_cast<std::int64_t>(sequences[i]));
  }
  result.unbroken = result.published.ids.size() == tickets.size();
  spans.end(result.published.ids.size());
  return result;
}

std::vector<std::uint64_t> EventChain::collect_acks(const std::vector<std::uint64_t>& tickets,
                                                    const std::function<bool()>& may_publish) {
  std::vector<std::uint64_t> sequences(tickets.size(), 0);
  const auto deadline = SteadyClock::now() + ack_timeout;
  std::size_t answered = 0;
  while (answered < tickets.size() && SteadyClock::now() < deadline) {
    may_publish();  // renews the lease meanwhile
    const auto ack = stream_.next_ack(ack_slice);
    // Acks of an earlier publish() may arrive late.
    if (!ack || ack->ticket < tickets.front() || ack->ticket > tickets.back()) continue;
    ++answered;
    sequences[ack->ticket - tickets.front()] = ack->stream_seq;
  }
  return sequences;
}

}  // namespace fechatter::server
