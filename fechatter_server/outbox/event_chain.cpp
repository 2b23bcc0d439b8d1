#include "fechatter_server/outbox/event_chain.hpp"

#include <unordered_map>

#include "fechatter_core/steady_clock.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds ack_timeout{2};
constexpr std::chrono::milliseconds ack_slice{100};

}  // namespace

EventChain::Result EventChain::publish(const std::vector<OutboxRow>& rows,
                                       const std::function<bool()>& may_publish) {
  const auto expected_first = last_stream_seq_ + 1;
  std::unordered_map<WorkspaceId, std::uint64_t> last_of;  // each workspace of these rows
  std::vector<std::uint64_t> tickets;
  tickets.reserve(rows.size());
  for (const auto& row : rows) {
    if (!may_publish()) break;
    auto message_id = event::message_id_of(epoch_.number, row.id);
    const auto marked =
        row.workspace_last.epoch == epoch_.number ? row.workspace_last.stream_seq : 0;
    auto& last = last_of.try_emplace(row.workspace_id, marked).first->second;
    tickets.push_back(stream_.publish({event::subject_of(row.workspace_id, row.chat_id, row.type),
                                       message_id, row.first_position, last, epoch_,
                                       last_stream_seq_, last_message_id_, row.envelope}));
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
