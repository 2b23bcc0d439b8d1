#include "fechatter_server/file/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace fechatter::server {
namespace {

using ChildClock = std::chrono::steady_clock;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

// What posix_spawn gives the child.
class Spawning {
 public:
  Spawning(int input, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    // Those of libraries, too, which may lack O_CLOEXEC.
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Spawning() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;

  // 0, or an errno: also when the program cannot be executed.
  int start(std::string program, pid_t& pid) {
    std::string language{"LC_ALL=C"};
    std::array<char*, 2> arguments{program.data(), nullptr};
    std::array<char*, 2> environment{language.data(), nullptr};
    return posix_spawn(&pid, program.c_str(), &actions_, &attributes_, arguments.data(),
                       environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A process that has closed its output is about to end by itself, or never will.
void wait_a_moment_for_end(pid_t pid) {
  // Not by its header, which glibc 2.36 has for C alone.
  const file::Descriptor process{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  pollfd waiting{process.get(), POLLIN, 0};
  if (process) poll(&waiting, 1, 1000);
}

// Ends a process, unless it is ending by itself: then its own status stays.
int end_child(pid_t pid) {
  // No other process can have its id before it was waited for.
  kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

// Reads until the child closes the pipe. Returns why that was given up; empty: it was not.
std::string read_output(const file::Descriptor& pipe, const ChildLimits& limits,
                        const file::Descriptor& stop, std::string& output) {
  const auto deadline = ChildClock::now() + limits.time_max;
  std::array<char, 64 * 1024> piece{};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - ChildClock::now()).count();
    if (left <= 0) return "it has taken too long";
    std::array<pollfd, 2> waiting{{{pipe.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
      return "poll: " + text_of(errno);
    }
    if (waiting[1].revents != 0) return "the server is shutting down";
    if (waiting[0].revents == 0) continue;
    const auto count = read(pipe.get(), piece.data(), piece.size());
    if (count < 0 && errno != EINTR) return "read: " + text_of(errno);
    if (count == 0) return {};
    if (count > 0) output.append(piece.data(), static_cast<std::size_t>(count));
    if (output.size() > limits.output_max) return "it has written too much";
  }
}

std::string reason_of(int status) {
  if (WIFSIGNALED(status)) return fmt::format("it was ended by signal {}", WTERMSIG(status));
  return fmt::format("it has ended with {}", WEXITSTATUS(status));
}

}  // namespace

ChildEnd run_child(const std::string& program, const file::Descriptor& input,
                   const ChildLimits& limits, const file::Descriptor& stop) {
  ChildEnd end;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    end.reason = "pipe: " + text_of(errno);
    return end;
  }
  const file::Descriptor reading{ends[0]};
  file::Descriptor writing{ends[1]};
  pid_t pid = 0;
  if (const int error = Spawning{input.get(), writing.get()}.start(program, pid); error != 0) {
    end.reason = text_of(error);
    return end;
  }
  end.started = true;
  writing = file::Descriptor{};
  end.reason = read_output(reading, limits, stop, end.output);
  if (end.reason.empty()) wait_a_moment_for_end(pid);
  const int status = end_child(pid);
  if (end.reason.empty() && status != 0) end.reason = reason_of(status);
  end.succeeded = end.reason.empty();
  if (!end.succeeded) end.output.clear();
  return end;
}

}  // namespace fechatter::server
