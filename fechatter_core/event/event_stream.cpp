#include "fechatter_core/event/event_stream.hpp"

#include <fmt/format.h>

#include <charconv>

namespace fechatter::event {
namespace {

constexpr std::size_t message_id_length_max = 64;

}  // namespace

std::string message_id_of(std::int64_t epoch, EventId event) {
  return fmt::format("{}-{}", epoch, event.value);
}

MessageId parse_message_id(std::string_view text) {
  MessageId id;
  const auto* end = text.data() + text.size();
  const auto epoch = std::from_chars(text.data(), end, id.epoch);
  if (epoch.ec != std::errc{} || epoch.ptr == end || *epoch.ptr != '-') return {};
  const auto event = std::from_chars(epoch.ptr + 1, end, id.event.value);
  if (event.ec != std::errc{} || event.ptr != end) return {};
  return id.epoch > 0 && id.event.value > 0 ? id : MessageId{};
}

std::string to_string(const StreamObservation& observation) {
  return fmt::format("{} {}", observation.stream_seq, observation.message_id);
}

std::optional<StreamObservation> parse_observation(std::string_view text) {
  StreamObservation observation;
  const auto* end = text.data() + text.size();
  const auto seq = std::from_chars(text.data(), end, observation.stream_seq);
  if (seq.ec != std::errc{} || seq.ptr == end || *seq.ptr != ' ') return std::nullopt;
  observation.message_id.assign(seq.ptr + 1, end);
  if (observation.message_id.size() > message_id_length_max) return std::nullopt;
  return observation;
}

}  // namespace fechatter::event
