#include "tests/support/dead_letters.hpp"

#include "fechatter_core/nats/pull_consumer.hpp"

namespace fechatter::test {
namespace {

// nats-server 2.9 crashes when a message is asked for while its stream is being made, so the number
// of messages is asked for first.
std::uint64_t count_messages(jsCtx* context) {
  jsStreamInfo* info = nullptr;
  const auto status = js_GetStreamInfo(&info, context, nats::dead_letter_stream, nullptr, nullptr);
  if (status != NATS_OK) return 0;
  const auto count = info->State.Msgs;
  jsStreamInfo_Destroy(info);
  return count;
}

}  // namespace

std::vector<DeadLetter> read_dead_letters(nats::Connection& connection) {
  jsCtx* raw = nullptr;
  nats::check(natsConnection_JetStream(&raw, connection.raw(), nullptr), "jetstream");
  const std::unique_ptr<jsCtx, nats::Destroyer<jsCtx, jsCtx_Destroy>> context{raw};
  std::vector<DeadLetter> found;
  const auto count = count_messages(raw);
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    natsMsg* message = nullptr;
    nats::check(js_GetMsg(&message, raw, nats::dead_letter_stream, seq, nullptr, nullptr),
                "dead letter");
    const nats::Message letter{message};
    found.push_back({std::string{letter.subject()}, std::string{letter.header("Fechatter-Reason")},
                     std::string{letter.data()}});
  }
  return found;
}

}  // namespace fechatter::test
