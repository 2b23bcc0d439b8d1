#include "fechatter_server/chat/chat_cleanup.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds interval{5};
constexpr std::chrono::milliseconds slice_interval{50};  // requests get the database in between
constexpr int slice = 500;                               // rows, a few milliseconds

const postgres::Statement cleanup_statement{"cleanup_chats", "SELECT cleanup_chats($1)"};

}  // namespace

awaitable<CleanedUp> ChatCleanup::clean_up() {
  return database_.change([](postgres::Connection& connection) {
    return CleanedUp{connection.run(cleanup_statement, slice)[0][0].as<bool>()};
  });
}

awaitable<> ChatCleanup::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  while (true) {
    bool more = false;
    try {
      const auto cleaned = co_await clean_up();
      more = cleaned.more;
    } catch (const std::exception& error) {
      spdlog::debug("chat cleanup failed: {}", error.what());
    }
    timer.expires_after(more ? Clock::duration{slice_interval} : Clock::duration{interval});
    boost::system::error_code ended;
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
    if (ended) co_return;
  }
}

}  // namespace fechatter::server
