#include "tests/meilisearch/meilisearch_fake.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <thread>

#include "tests/support/services.hpp"

namespace fechatter::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using nlohmann::json;

constexpr std::chrono::seconds slow_answer{30};  // longer than the time-out of any client

std::string bytes_of(const ModelAnswer& answer) {
  const auto body = answer.body.is_string() ? answer.body.get<std::string>() : answer.body.dump();
  return "HTTP/1.1 " + std::to_string(answer.status) +
         " Said\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

class MeilisearchFake::Listener {
 public:
  explicit Listener(MeilisearchFake& owner)
      : owner_{owner}, acceptor_{io_, {asio::ip::address_v4::loopback(), owner.port_}} {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread{[this] { io_.run(); }};
  }

  ~Listener() {
    io_.stop();
    thread_.join();
  }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  asio::awaitable<void> accept() {
    while (true) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
    }
  }

  // Ends with an exception, which is ignored, when the client closes the connection.
  asio::awaitable<void> serve(tcp::socket socket) {
    const int connection = ++owner_.connections_;
    boost::beast::flat_buffer buffer;
    bool open = true;
    while (open) {
      http::request<http::string_body> request;
      co_await http::async_read(socket, buffer, request, asio::use_awaitable);
      const Asked asked{std::string{request.method_string()}, std::string{request.target()},
                        std::string{request[http::field::authorization]},
                        json::parse(request.body(), nullptr, false), connection};
      open = co_await reply(socket, asked);
    }
  }

  // False: the connection is to be closed.
  asio::awaitable<bool> reply(tcp::socket& socket, const Asked& asked) {
    const auto fault = owner_.next_fault(asked.target);
    const auto answer =
        !fault || fault->kind != Fault::Kind::answer ? owner_.answer(asked) : fault->answer;
    auto bytes = bytes_of(answer);
    if (fault && fault->kind == Fault::Kind::cut_before) co_return false;
    if (fault && fault->kind == Fault::Kind::cut_within) bytes.resize(bytes.size() / 2);
    if (fault && fault->kind == Fault::Kind::slow) {
      asio::steady_timer timer{io_, slow_answer};
      co_await timer.async_wait(asio::use_awaitable);
    }
    co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
    co_return !fault || fault->kind != Fault::Kind::cut_within;
  }

  MeilisearchFake& owner_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

MeilisearchFake::MeilisearchFake() : port_{free_port()} {
  start();
}

MeilisearchFake::~MeilisearchFake() {
  stop();
}

std::string MeilisearchFake::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void MeilisearchFake::stop() {
  listener_.reset();
}

void MeilisearchFake::start() {
  listener_ = std::make_unique<Listener>(*this);
}

void MeilisearchFake::ask_for_key(const std::string& key) {
  const std::lock_guard lock{mutex_};
  key_ = key;
}

void MeilisearchFake::misbehave(Fault fault) {
  const std::lock_guard lock{mutex_};
  faults_.push_back(std::move(fault));
}

std::vector<MeilisearchFake::Asked> MeilisearchFake::asked() const {
  const std::lock_guard lock{mutex_};
  return asked_;
}

std::vector<MeilisearchFake::Asked> MeilisearchFake::asked(const std::string& method,
                                                           const std::string& target) const {
  auto found = asked();
  std::erase_if(found, [&](const Asked& one) {
    return one.method != method || !one.target.starts_with(target);
  });
  return found;
}

ModelAnswer MeilisearchFake::answer(const Asked& asked) {
  const std::lock_guard lock{mutex_};
  asked_.push_back(asked);
  if (!key_.empty() && asked.target != "/health") {
    if (asked.authorization.empty()) {
      return {401, MeilisearchModel::error("missing_authorization_header", "auth")};
    }
    if (asked.authorization != "Bearer " + key_) {
      return {403, MeilisearchModel::error("invalid_api_key", "auth")};
    }
  }
  return model_.handle(asked.method, asked.target, asked.body);
}

std::optional<MeilisearchFake::Fault> MeilisearchFake::next_fault(const std::string& target) {
  const std::lock_guard lock{mutex_};
  for (auto& fault : faults_) {
    if (fault.times == 0 || !target.starts_with(fault.target)) continue;
    --fault.times;
    return fault;
  }
  return std::nullopt;
}

}  // namespace fechatter::test
