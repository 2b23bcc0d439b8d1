#pragma once

#include <cstdint>
#include <vector>

#include "bench/http_streams.hpp"
#include "bench/stage.hpp"

namespace fechatter::bench {

// The chats of the stage's first person, each a group of five with a message in it; in the first
// chat there are more. REQUIRES: six people on the stage.
class Archive {
 public:
  Archive(const Stage& stage, std::size_t chats, std::size_t messages);

  HttpRequest list_chats() const;
  HttpRequest read_messages() const;  // 50
  // One more message, with a key of its own; senders of different numbers write to different chats.
  HttpRequest send_message(std::size_t sender);

 private:
  std::vector<std::int64_t> chats_;
  std::size_t sent_ = 0;
};

}  // namespace fechatter::bench
