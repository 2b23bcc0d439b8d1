#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::bench {

// The baseline of notify_server: a plain epoll loop that accepts streams and delivers a frame with
// one send() to each socket of a chat, without any check. Subscriber i sends this number as its
// token and is in chat i / group. One thread.
class BareStreams {
 public:
  BareStreams(std::uint16_t port, std::size_t group);

  // Serves the sockets for at most `milliseconds`. Polls `source` as well (-1: none); true when it
  // is readable.
  bool serve(int source, int milliseconds);
  void deliver(std::size_t chat, std::string_view frame);

 private:
  struct Stream {
    std::string waiting;              // unsent bytes of a full socket
    std::optional<std::size_t> chat;  // set after the response
  };

  void accept_all();
  void read_request(int descriptor);
  void forget(int descriptor);
  void send_waiting(int descriptor);
  void watch(int descriptor, std::uint32_t events, int operation) const;
  void send_or_keep(int descriptor, std::string_view bytes);

  const std::size_t group_;
  const int epoll_;
  int listener_ = -1;
  int source_ = -1;
  std::vector<Stream> streams_;          // by descriptor
  std::vector<std::vector<int>> chats_;  // descriptors
};

// The request of a subscriber of BareStreams.
std::string bare_stream_request(std::size_t subscriber);

}  // namespace fechatter::bench
