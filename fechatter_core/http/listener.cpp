#include "fechatter_core/http/listener.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <system_error>

#include "fechatter_core/http/session.hpp"
#include "fechatter_core/http/session_registry.hpp"

namespace fechatter::http {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::chrono::milliseconds pause_after_error{100};

void require(const error_code& error, const std::string& address) {
  if (error) throw std::system_error{error, "cannot listen on " + address};
}

}  // namespace

struct Listener::State {
  State(asio::io_context& io_, const Limits& limits, const Router& router)
      : io{io_},
        acceptor{asio::make_strand(io_)},
        pause{acceptor.get_executor()},
        registry{std::make_shared<SessionRegistry>(limits, router)} {}

  asio::io_context& io;
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor;  // touched on its strand only
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> pause;
  std::shared_ptr<SessionRegistry> registry;
  std::uint16_t port = 0;

  void listen(const std::string& address, std::uint16_t wanted_port);
  void open_session(Socket socket) const;
  void close();
  static awaitable<void> accept_connections(std::shared_ptr<State> state);
};

void Listener::State::listen(const std::string& address, std::uint16_t wanted_port) {
  error_code error;
  const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(address, error), wanted_port};
  require(error, address);
  acceptor.open(endpoint.protocol(), error);
  require(error, address);
  acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  require(error, address);
  acceptor.bind(endpoint, error);
  require(error, address + ":" + std::to_string(wanted_port));
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  require(error, address);
  port = acceptor.local_endpoint(error).port();
  require(error, address);
}

void Listener::State::open_session(Socket socket) const {
  const auto session = std::make_shared<Session>(std::move(socket), registry);
  const auto refusal = registry->enter(session);
  if (!refusal) {
    session->start();
  } else if (registry->begin_refusal()) {
    session->start_refusal(*refusal);
  }
}

void Listener::State::close() {
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
}

awaitable<void> Listener::State::accept_connections(std::shared_ptr<State> state) {
  bool failing = false;  // one log line for each period of failures, not one every 100 ms
  while (state->acceptor.is_open()) {
    std::string cause;
    try {
      Socket socket{asio::make_strand(state->io)};
      const auto [error] = co_await state->acceptor.async_accept(socket, quietly);
      if (error) cause = error.message();
      if (!error) state->open_session(std::move(socket));
    } catch (const std::exception& failure) {
      cause = failure.what();
    }
    const bool failed = !cause.empty() && state->acceptor.is_open();
    if (failed && !failing) spdlog::error("cannot accept connections: {}", cause);
    failing = failed;
    if (!failed) continue;
    state->pause.expires_after(pause_after_error);
    co_await state->pause.async_wait(quietly);
  }
}

Listener::Listener(asio::io_context& io, const std::string& address, std::uint16_t port,
                   const Limits& limits, const Router& router)
    : state_{std::make_shared<State>(io, limits, router)} {
  state_->listen(address, port);
}

Listener::~Listener() {
  drain(std::chrono::milliseconds{0});
}

void Listener::start() {
  asio::co_spawn(state_->acceptor.get_executor(), State::accept_connections(state_),
                 asio::detached);
}

std::uint16_t Listener::port() const {
  return state_->port;
}

std::size_t Listener::drain(std::chrono::milliseconds grace) {
  const auto deadline = Clock::now() + grace;
  const auto& registry = state_->registry;
  registry->begin_draining();
  const auto close = [state = state_] { state->close(); };
  const auto closed = asio::post(state_->acceptor.get_executor(), asio::use_future(close));
  for (const auto& session : registry->open_sessions()) session->close_if_idle();
  closed.wait_until(deadline);
  registry->wait_until_empty(deadline);
  const auto cut = registry->open_sessions();
  for (const auto& session : cut) session->cut();
  return cut.size();
}

bool Listener::draining() const {
  return state_->registry->draining();
}

std::size_t Listener::connections() const {
  return state_->registry->count();
}

}  // namespace fechatter::http
