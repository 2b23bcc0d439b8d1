#pragma once

#include <cstdint>
#include <vector>

#include "bench/http_streams.hpp"
#include "bench/stage.hpp"

namespace fechatter::bench {

// The chats of the stage's first person: groups of five with one message each, the first chat with
// more. REQUIRES: six people on the stage.
class Archive {
 public:
  Archive(const Stage& stage, std::size_t chats, std::size_t messages);

  HttpRequest list_chats() const;
  HttpRequest read_messages() const;  // 50
  // A new message with a fresh idempotency key; different sender numbers write to different chats.
  HttpRequest send_message(std::size_t sender);

 private:
  std::vector<std::int64_t> chats_;
  std::size_t sent_ = 0;
};

}  // namespace fechatter::bench
