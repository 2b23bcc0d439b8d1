#pragma once

// The promises that several checks of a history are about, as their findings name them.
namespace fechatter::chaos::promise {

inline constexpr const char* only_sent = "only sent messages and changes are stored";
inline constexpr const char* has_event = "every message and every change has its event";

}  // namespace fechatter::chaos::promise
