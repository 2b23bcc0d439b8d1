#include "tests/support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace fechatter::test {
namespace {

constexpr int poll_ms = 20;

std::size_t content_length(const std::string& head) {
  const std::string name = "\r\nContent-Length: ";
  const auto at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

ScriptedServer::ScriptedServer(Script script)
    : script_{std::move(script)}, listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, raw, length) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, raw, &length) != 0) {
    throw std::runtime_error{"the scripted server does not listen"};
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

ScriptedServer::~ScriptedServer() {
  ended_ = true;
  thread_.join();
  for (const int connection : silent_) close(connection);
  close(listener_);
}

std::vector<ScriptedServer::Exchange> ScriptedServer::exchanges() const {
  const std::lock_guard lock{mutex_};
  return exchanges_;
}

void ScriptedServer::serve() {
  while (!ended_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, poll_ms) > 0) answer(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
  }
}

void ScriptedServer::answer(int connection) {
  Exchange exchange;
  std::string bytes;
  std::array<char, 65536> piece{};
  auto end = std::string::npos;
  while (end == std::string::npos || bytes.size() < end + 4 + content_length(exchange.head)) {
    const auto count = recv(connection, piece.data(), piece.size(), 0);
    if (count <= 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
    end = bytes.find("\r\n\r\n");
    if (end != std::string::npos) exchange.head = bytes.substr(0, end + 2);
  }
  if (end != std::string::npos) exchange.body = bytes.substr(end + 4);
  {
    const std::lock_guard lock{mutex_};
    exchanges_.push_back(exchange);
  }
  const auto response = script_(exchange);
  if (response.empty()) {
    silent_.push_back(connection);
    return;
  }
  std::string_view rest{response};
  while (!rest.empty()) {
    const auto count = send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  close(connection);
}

std::string response_of(const std::string& status, const std::string& body,
                        const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace fechatter::test
