#include "fechatter_server/chat/chat_cleanup.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds interval{5};
constexpr std::chrono::milliseconds breath{50};  // between slices: requests go first
constexpr int slice = 500;                       // rows, a few milliseconds

const postgres::Statement tend_statement{"tend_chats", "SELECT tend_chats($1)"};

}  // namespace

awaitable<bool> ChatCleanup::tend() {
  const auto tend_slice = [](postgres::Connection& connection) {
    return connection.run(tend_statement, slice)[0][0].as<bool>();
  };
  const bool more = co_await database_.run(tend_slice);
  committed_();
  co_return more;
}

awaitable<> ChatCleanup::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  while (true) {
    bool more = false;
    try {
      more = co_await tend();
    } catch (const std::exception& error) {
      spdlog::debug("chats not tended: {}", error.what());
    }
    timer.expires_after(more ? Clock::duration{breath} : Clock::duration{interval});
    boost::system::error_code ended;
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
    if (ended) co_return;
  }
}

}  // namespace fechatter::server
