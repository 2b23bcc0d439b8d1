#include "tests/chaos/http_exchange.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace fechatter::chaos {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::chrono::milliseconds write_timeout{2000};

}  // namespace

std::string request_text(const std::string& method, const std::string& target,
                         const std::string& token, const std::string& body,
                         const std::string& more_headers) {
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{}",
                          method, target, token, more_headers);
  if (body.empty()) return text + "\r\n";
  return text + fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                            body.size(), body);
}

std::string upload_text(const std::string& target, const std::string& token,
                        const std::string& form, const std::string& boundary) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: multipart/form-data; boundary={}\r\nContent-Length: {}\r\n\r\n{}",
      target, token, boundary, form.size(), form);
}

awaitable<std::shared_ptr<http::TimedSocket>> connect(Executor executor, std::uint16_t port,
                                                      int receive_buffer) {
  Socket socket{executor};
  boost::system::error_code ignored;
  socket.open(tcp::v4(), ignored);
  if (receive_buffer > 0) {
    socket.set_option(asio::socket_base::receive_buffer_size{receive_buffer}, ignored);
  }
  const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port};
  const auto [error] = co_await socket.async_connect(endpoint, quietly);
  if (error) co_return nullptr;
  co_return std::make_shared<http::TimedSocket>(std::move(socket));
}

awaitable<Answer> exchange(Executor executor, std::uint16_t port, std::string request,
                           std::chrono::milliseconds timeout, std::chrono::milliseconds pause) {
  auto connecting = connect(executor, port);
  const auto socket = co_await std::move(connecting);
  if (!socket) co_return Answer{};
  const std::string_view text{request};
  const auto half = pause.count() > 0 ? text.size() / 2 : text.size();
  auto sending = socket->send(text.substr(0, half), {}, write_timeout);
  bool sent = co_await std::move(sending);
  if (sent && half < text.size()) {
    auto pausing = sleep(executor, pause);
    co_await std::move(pausing);
    auto sending_rest = socket->send(text.substr(half), {}, write_timeout);
    sent = co_await std::move(sending_rest);
  }
  if (!sent) co_return Answer{};
  socket->set_deadline(timeout);
  beast::http::response_parser<beast::http::string_body> parser;
  parser.eager(true);
  std::string unparsed;
  std::array<char, 16384> bytes{};
  while (!parser.is_done()) {
    auto reading = socket->read_some(bytes.data(), bytes.size());
    const auto size = co_await std::move(reading);
    if (size == 0) break;
    unparsed.append(bytes.data(), size);
    beast::error_code error;
    const auto used = parser.put(asio::buffer(unparsed), error);
    if (error && error != beast::http::error::need_more) break;
    unparsed.erase(0, used);
  }
  socket->close();
  Answer answer;
  if (parser.is_done()) {
    answer.status = static_cast<int>(parser.get().result_int());
    answer.body = std::move(parser.get().body());
  }
  co_return answer;
}

awaitable<> sleep(Executor executor, std::chrono::milliseconds time) {
  Timer timer{executor, time};
  co_await timer.async_wait(quietly);
}

}  // namespace fechatter::chaos
