#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::bench {

// What notify_server is measured against: a plain epoll loop that accepts streams, and tells a
// frame with one send() to each socket of a chat. It checks nothing and knows nothing. Listener i,
// who names this number as the token, is in chat i / group. One thread.
class BareStreams {
 public:
  BareStreams(std::uint16_t port, std::size_t group);

  // What sockets want, for `milliseconds` at most; true when `source` can be read, which is looked
  // at too (-1: none).
  bool serve(int source, int milliseconds);
  void tell(std::size_t chat, std::string_view frame);

 private:
  struct Stream {
    std::string waiting;              // for room in the socket
    std::optional<std::size_t> chat;  // once it is answered
  };

  void accept_all();
  void hear(int descriptor);
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

// The request of its listener.
std::string bare_stream_request(std::size_t listener);

}  // namespace fechatter::bench
