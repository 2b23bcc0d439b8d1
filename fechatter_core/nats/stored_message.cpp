#include "fechatter_core/nats/stored_message.hpp"

namespace fechatter::nats {
namespace {

using event::StreamMessage;

// "<epoch>-<stream sequence>"; {} for any other text.
event::Position position_of(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  return {number_of<std::int64_t>(text.substr(0, dash)),
          number_of<std::uint64_t>(text.substr(dash + 1))};
}

}  // namespace

StreamMessage read_stored(const Message& message, std::uint64_t stream_seq, std::uint64_t pending) {
  StreamMessage stored{stream_seq, natsMsg_GetTime(message.raw()), pending, {}, {}, {}, {}};
  stored.epoch = {
      number_of<std::int64_t>(message.header(event::epoch_header)),
      number_of<std::uint64_t>(message.header(event::epoch_first_header)),
      number_of<std::int64_t>(message.header(event::epoch_covers_header)),
      EventId{number_of<std::int64_t>(message.header(event::epoch_republish_through_header))}};
  stored.message_id = message.header(message_id_header);
  stored.first_position = position_of(message.header(event::first_position_header));
  stored.data = message.data();
  stored.workspace_previous =
      number_of<std::uint64_t>(message.header(event::workspace_previous_header));
  stored.trace = message.header(event::trace_header);
  return stored;
}

StreamMessage read_delivered(const Message& message) {
  jsMsgMetaData* raw = nullptr;
  check(natsMsg_GetMetaData(&raw, message.raw()), "metadata");
  const std::unique_ptr<jsMsgMetaData, Destroyer<jsMsgMetaData, jsMsgMetaData_Destroy>> data{raw};
  auto stored = read_stored(message, data->Sequence.Stream, data->NumPending);
  stored.stored_at_ns = data->Timestamp;
  return stored;
}

}  // namespace fechatter::nats
