#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

namespace fechatter::notify {

namespace asio = boost::asio;

using StreamSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

// A TCP socket between two event loops, which belongs to neither. Closes the descriptor unless it
// is moved on.
class SocketHandle {
 public:
  SocketHandle(int descriptor, bool is_v6) : descriptor_{descriptor}, is_v6_{is_v6} {}
  SocketHandle(SocketHandle&& other) noexcept
      : descriptor_{std::exchange(other.descriptor_, -1)}, is_v6_{other.is_v6_} {}
  SocketHandle& operator=(SocketHandle&&) = delete;
  ~SocketHandle();

  // Moves the descriptor into a socket of that event loop; the socket is not open on failure.
  StreamSocket move_to(asio::io_context& io);

 private:
  int descriptor_;
  bool is_v6_;
};

}  // namespace fechatter::notify
