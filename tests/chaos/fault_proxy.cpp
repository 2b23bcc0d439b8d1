#include "tests/chaos/fault_proxy.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <set>

#include "tests/support/services.hpp"

namespace fechatter::chaos {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds silence_step{20};

tcp::endpoint local(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

}  // namespace

struct FaultProxy::Link {
  Link(const Executor& executor, std::uint16_t target)
      : port{test::free_port()}, to{target}, acceptor{executor, local(port)} {}

  const std::uint16_t port;
  const std::uint16_t to;
  Acceptor acceptor;
  LinkFault fault = LinkFault::none;
  std::chrono::milliseconds delay{0};
  std::set<std::shared_ptr<Pipe>> pipes;
};

// One connection: two sockets and a buffer for each direction.
class FaultProxy::Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  Pipe(Link& link, Socket client)
      : link_{link},
        ways_{Way{std::move(client), Timer{link.acceptor.get_executor()}},
              Way{Socket{link.acceptor.get_executor()}, Timer{link.acceptor.get_executor()}}} {}

  void begin() {
    ways_[1].socket.async_connect(local(link_.to), [self = shared_from_this()](error_code error) {
      if (error) return self->close();
      for (auto& way : self->ways_) {
        error_code ignored;
        way.socket.set_option(tcp::no_delay{true}, ignored);
      }
      self->read(0);
      self->read(1);
    });
  }

  void deaden() { dead_ = true; }

  void close() {
    for (auto& way : ways_) {
      error_code ignored;
      way.timer.cancel();
      way.socket.set_option(asio::socket_base::linger{true, 0}, ignored);
      way.socket.close(ignored);
    }
    link_.pipes.erase(shared_from_this());
  }

 private:
  // One direction: from this socket to the other one.
  struct Way {
    Socket socket;
    Timer timer;
    std::array<char, 16384> bytes{};
    std::size_t size = 0;
    bool was_delayed = false;
  };

  void read(std::size_t from) {
    auto& way = ways_[from];
    way.socket.async_read_some(asio::buffer(way.bytes), [self = shared_from_this(), from](
                                                            error_code error, std::size_t size) {
      self->ways_[from].size = size;
      self->ways_[from].was_delayed = false;
      if (!error) return self->pass(from);
      // The end of one direction ends the other one.
      self->close_softly(from);
    });
  }

  void pass(std::size_t from) {
    if (!ways_[from].socket.is_open()) return;
    if (link_.fault == LinkFault::no_answers && from == 1) return close();
    if (is_silent()) return later(from, silence_step);
    if (link_.delay.count() > 0 && !ways_[from].was_delayed) {
      ways_[from].was_delayed = true;
      return later(from, link_.delay);
    }
    auto& way = ways_[from];
    asio::async_write(ways_[1 - from].socket, asio::buffer(way.bytes, way.size),
                      [self = shared_from_this(), from](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->read(from);
                      });
  }

  void later(std::size_t from, std::chrono::milliseconds time) {
    ways_[from].timer.expires_after(time);
    ways_[from].timer.async_wait([self = shared_from_this(), from](error_code error) {
      if (!error) self->pass(from);
    });
  }

  void close_softly(std::size_t from) {
    error_code ignored;
    if (is_silent()) {  // the link holds up the end as well
      ways_[from].size = 0;
      return later(from, silence_step);
    }
    ways_[1 - from].socket.shutdown(tcp::socket::shutdown_send, ignored);
    for (auto& way : ways_) {
      way.timer.cancel();
      way.socket.close(ignored);
    }
    link_.pipes.erase(shared_from_this());
  }

  bool is_silent() const { return dead_ || link_.fault == LinkFault::silent; }

  Link& link_;
  std::array<Way, 2> ways_;
  bool dead_ = false;
};

FaultProxy::FaultProxy()
    : work_{asio::make_work_guard(io_)}, executor_{asio::make_strand(io_)}, thread_{[this] {
        io_.run();
      }} {}

FaultProxy::~FaultProxy() {
  io_.stop();
  thread_.join();
}

std::size_t FaultProxy::add_link(std::uint16_t to) {
  links_.push_back(std::make_shared<Link>(executor_, to));
  asio::post(executor_, [this, link = links_.back()] { accept(link); });
  return links_.size() - 1;
}

std::uint16_t FaultProxy::port(std::size_t link) const {
  return links_[link]->port;
}

void FaultProxy::set(std::size_t link, LinkFault fault) {
  asio::post(executor_, [link = links_[link], fault] { link->fault = fault; });
}

void FaultProxy::delay(std::size_t link, std::chrono::milliseconds time) {
  asio::post(executor_, [link = links_[link], time] { link->delay = time; });
}

void FaultProxy::deaden(std::size_t link) {
  asio::post(executor_, [link = links_[link]] {
    for (const auto& pipe : link->pipes) pipe->deaden();
  });
}

void FaultProxy::cut(std::size_t link) {
  asio::post(executor_, [link = links_[link]] {
    const auto pipes = link->pipes;
    for (const auto& pipe : pipes) pipe->close();
  });
}

void FaultProxy::accept(std::shared_ptr<Link> link) {
  auto& acceptor = link->acceptor;
  acceptor.async_accept(executor_, [this, link](error_code error, Socket socket) {
    if (!error) {
      const auto pipe = std::make_shared<Pipe>(*link, std::move(socket));
      link->pipes.insert(pipe);
      pipe->begin();
    }
    if (error != asio::error::operation_aborted) accept(link);
  });
}

std::uint16_t port_of(const std::string& url) {
  std::uint16_t port = 0;
  const auto at = url.rfind(':') + 1;
  std::from_chars(url.data() + at, url.data() + url.size(), port);
  return port;
}

std::string with_port(const std::string& url, std::uint16_t port) {
  const auto at = url.rfind(':') + 1;
  const auto end = std::min(url.find('/', at), url.size());
  return url.substr(0, at) + std::to_string(port) + url.substr(end);
}

}  // namespace fechatter::chaos
