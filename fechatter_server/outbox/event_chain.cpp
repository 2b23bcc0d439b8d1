#include "fechatter_server/outbox/event_chain.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds ack_timeout{2};
constexpr std::chrono::milliseconds ack_slice{100};

// The sequence that JetStream gave; 0 when it refused, or had the message already.
std::uint64_t sequence_of(std::string_view ack) {
  const auto body = nlohmann::json::parse(ack, nullptr, false);
  if (!body.is_object() || body.contains("error") || body.value("duplicate", false)) {
    spdlog::warn("relay: JetStream refused an event: {}", ack);
    return 0;
  }
  return body.value("seq", std::uint64_t{0});
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string message_id_of(std::int64_t epoch, EventId event) {
  return fmt::format("{}-{}", epoch, event.value);
}

EventChain::EventChain(nats::Connection& connection, std::int64_t epoch,
                       std::uint64_t last_stream_seq)
    : connection_{connection},
      epoch_{epoch},
      last_stream_seq_{last_stream_seq},
      inbox_{connection.new_inbox()},
      acks_{connection.subscribe(inbox_ + ".>")} {}

EventChain::Result EventChain::publish(const std::vector<OutboxRow>& rows,
                                       const std::function<bool()>& may_go_on) {
  ++round_;
  const auto expected_first = last_stream_seq_ + 1;
  const auto sent = send(rows, may_go_on);
  const auto sequences = collect(sent, may_go_on);
  Result result;
  for (std::size_t i = 0; i < sent && sequences[i] == expected_first + i; ++i) {
    result.published.ids.push_back(rows[i].id.value);
    result.published.created_micros.push_back(rows[i].created_micros);
    result.published.stream_seqs.push_back(static_cast<std::int64_t>(sequences[i]));
  }
  result.unbroken = result.published.ids.size() == sent;
  return result;
}

std::size_t EventChain::send(const std::vector<OutboxRow>& rows,
                             const std::function<bool()>& may_go_on) {
  std::size_t sent = 0;
  for (const auto& row : rows) {
    if (!may_go_on()) break;
    connection_.publish(event::subject_of(row.workspace_id, row.chat_id, row.type),
                        fmt::format("{}.{}.{}", inbox_, round_, sent),
                        {{"Nats-Msg-Id", message_id_of(epoch_, row.id)},
                         {"Nats-Expected-Last-Sequence", std::to_string(last_stream_seq_)},
                         {event::epoch_header, std::to_string(epoch_)}},
                        row.envelope);
    ++last_stream_seq_;
    ++sent;
  }
  return sent;
}

std::vector<std::uint64_t> EventChain::collect(std::size_t sent,
                                               const std::function<bool()>& may_go_on) {
  std::vector<std::uint64_t> sequences(sent, 0);
  const auto prefix = fmt::format("{}.{}.", inbox_, round_);
  const auto deadline = Clock::now() + ack_timeout;
  std::size_t answered = 0;
  while (answered < sent && Clock::now() < deadline) {
    may_go_on();  // renews the lease while we wait
    const auto ack = acks_.next(ack_slice);
    if (!ack || !ack->subject().starts_with(prefix)) continue;
    const auto index = number_of(ack->subject().substr(prefix.size()));
    if (index >= sent) continue;
    ++answered;
    sequences[index] = sequence_of(ack->data());
  }
  return sequences;
}

}  // namespace fechatter::server
