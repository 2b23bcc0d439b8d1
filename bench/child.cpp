#include "bench/child.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

namespace fechatter::bench {
namespace {

// No destructor of the parent may run here: it would stop the parent's servers.
[[noreturn]] void become(const std::function<void()>& body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    body();
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  _exit(1);
}

}  // namespace

Child::Child(const std::function<void()>& body) : pid_{(std::fflush(stdout), fork())} {
  if (pid_ < 0) throw std::system_error{errno, std::generic_category(), "fork"};
  if (pid_ == 0) become(body);
}

Child::~Child() {
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

}  // namespace fechatter::bench
