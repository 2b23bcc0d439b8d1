#include "notify_server/stream/socket_handle.hpp"

#include <unistd.h>

namespace fechatter::notify {

SocketHandle::~SocketHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

StreamSocket SocketHandle::move_to(asio::io_context& io) {
  StreamSocket socket{io};
  boost::system::error_code error;
  socket.assign(is_v6_ ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), descriptor_, error);
  if (!error) descriptor_ = -1;
  return socket;
}

}  // namespace fechatter::notify
