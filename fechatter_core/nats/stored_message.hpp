#pragma once

#include <charconv>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/nats/nats_connection.hpp"

// Messages of the stream of events, read from those of nats.c.
namespace fechatter::nats {

inline constexpr const char* message_id_header = "Nats-Msg-Id";

// 0 for a text that is no positive number.
template <class Number>
Number number_of(std::string_view text) {
  Number number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc{} && rest == text.data() + text.size() && number > 0;
  return good ? number : 0;
}

event::StreamMessage read_stored(const Message& message, std::uint64_t stream_seq,
                                 std::uint64_t pending = 0);
// REQUIRES: the message came through a consumer. Throws Failure.
event::StreamMessage read_delivered(const Message& message);

// A natsMsgList, owned.
struct Fetched {
  natsMsgList list{};
  Fetched() = default;
  Fetched(const Fetched&) = delete;
  Fetched& operator=(const Fetched&) = delete;
  ~Fetched() { natsMsgList_Destroy(&list); }

  Message take(int i) { return Message{std::exchange(list.Msgs[i], nullptr)}; }
};

}  // namespace fechatter::nats
