#include "fechatter_server/command/password_input.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <iostream>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

// During its life a terminal shows nothing of what is typed.
class NoEcho {
 public:
  NoEcho() : on_terminal_{tcgetattr(STDIN_FILENO, &before_) == 0} {
    if (!on_terminal_) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (on_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  bool on_terminal() const { return on_terminal_; }

 private:
  termios before_{};
  const bool on_terminal_;
};

std::string read_line() {
  std::string line;
  std::getline(std::cin, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

std::string ask_for_password(std::string_view of) {
  const NoEcho silent;
  if (!silent.on_terminal()) return read_line();
  fmt::print(stderr, "Password of {}: ", of);
  auto password = read_line();
  fmt::print(stderr, "\nOnce more: ");
  const bool same = read_line() == password;
  fmt::print(stderr, "\n");
  if (!same) throw invalid_field("password", "was not the same the second time");
  return password;
}

std::string hash_password(const PasswordSettings& settings, std::string password) {
  asio::io_context io;
  PasswordHasher passwords{settings};  // its threads end before the context does
  const Executor strand{io.get_executor()};
  auto hash =
      asio::co_spawn(strand, passwords.hash(std::move(password), HashTurn{}), asio::use_future);
  io.run();
  return hash.get();
}

}  // namespace fechatter::server
