#include "fechatter_server/outbox/eraser.hpp"

#include <unordered_map>

#include "fechatter_server/outbox/stored_event.hpp"

namespace fechatter::server {

using event::Position;

std::size_t Eraser::step(event::EventStream& stream) {
  std::vector<Position> erased;
  std::vector<Position> without_text;
  std::vector<event::Erasure> to_ask;
  std::unordered_map<std::uint64_t, Position> positions;
  for (const auto& open : store_.open(slice_max)) {
    const auto& at = open.position;
    const auto message = stream.find_message(at.stream_seq);
    if (!message && open.asked) {
      erased.push_back(at);
      continue;
    }
    // A later epoch uses the sequence, or it has aged out.
    const bool is_other =
        !message || message->message_id != event::message_id_of(at.epoch, open.event);
    const auto envelope = is_other ? event::Envelope{} : read_envelope(*message);
    if (is_other || envelope.type == event::erased_type) {
      without_text.push_back(at);
      continue;
    }
    to_ask.push_back({at, open.event, envelope.workspace_id, message->workspace_previous});
    positions[at.stream_seq] = at;
  }
  if (!to_ask.empty()) {
    for (const auto stream_seq : store_.ask(to_ask)) {
      stream.erase(stream_seq);
      erased.push_back(positions.at(stream_seq));
    }
  }
  if (!erased.empty() || !without_text.empty()) store_.settle(erased, without_text);
  return erased.size() + without_text.size();
}

}  // namespace fechatter::server
