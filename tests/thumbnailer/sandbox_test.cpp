#include "fechatter_thumbnailer/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

// What the process that decodes pictures can still ask the kernel for.
namespace fechatter::thumbnailer {
namespace {

// Calls `probe` in a process of its own, inside the sandbox; whether it has returned true.
template <class Probe>
bool holds_inside(Probe probe) {
  const auto child = fork();
  if (child == 0) {
    enter_sandbox();
    _exit(probe() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

template <class Call>
bool is_refused_inside(Call call) {
  return holds_inside([&] { return call() < 0 && errno == EPERM; });
}

TEST(Sandbox, OpensNoFileNeitherToReadNorToWrite) {
  EXPECT_TRUE(is_refused_inside([] { return open("/etc/passwd", O_RDONLY); }));
  EXPECT_TRUE(is_refused_inside([] { return open("/dev/null", O_WRONLY); }));
  EXPECT_TRUE(is_refused_inside([] { return open("/tmp/planted", O_WRONLY | O_CREAT, 0600); }));
  EXPECT_TRUE(is_refused_inside([] { return openat(AT_FDCWD, "/proc/self/mem", O_RDWR); }));
  EXPECT_TRUE(is_refused_inside([] { return unlink("/tmp/planted"); }));
  EXPECT_TRUE(
      is_refused_inside([] { return static_cast<int>(syscall(SYS_memfd_create, "x", 0)); }));
}

TEST(Sandbox, HasNoNetwork) {
  EXPECT_TRUE(is_refused_inside([] { return socket(AF_INET, SOCK_STREAM, 0); }));
  EXPECT_TRUE(is_refused_inside([] { return socket(AF_UNIX, SOCK_STREAM, 0); }));
}

TEST(Sandbox, StartsNoProcess) {
  EXPECT_TRUE(is_refused_inside([] { return fork(); }));
  EXPECT_TRUE(is_refused_inside([] { return static_cast<int>(syscall(SYS_vfork)); }));
  EXPECT_TRUE(is_refused_inside([] { return execl("/bin/true", "true", nullptr); }));
}

TEST(Sandbox, ReachesNoOtherProcess) {
  EXPECT_TRUE(is_refused_inside([] { return kill(getppid(), 0); }));
  EXPECT_TRUE(is_refused_inside([] { return static_cast<int>(ptrace(PTRACE_TRACEME, 0, 0, 0)); }));
  EXPECT_TRUE(is_refused_inside(
      [] { return static_cast<int>(syscall(SYS_tgkill, getppid(), getppid(), 0)); }));
}

TEST(Sandbox, HasNoMemoryWithNewCode) {
  EXPECT_TRUE(holds_inside([] {
    constexpr int rights = PROT_READ | PROT_WRITE | PROT_EXEC;
    return mmap(nullptr, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
  }));
  EXPECT_TRUE(holds_inside([] {
    auto* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0;
  }));
}

TEST(Sandbox, DoesNotWidenItsLimitsOrItsRights) {
  EXPECT_TRUE(is_refused_inside([] {
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_CPU, &none);
  }));
  EXPECT_TRUE(is_refused_inside([] { return prctl(PR_SET_DUMPABLE, 1); }));
}

TEST(Sandbox, WritesToItsOutputAlone) {
  const int file = open("/dev/null", O_WRONLY | O_CLOEXEC);
  ASSERT_GT(file, 2);
  EXPECT_TRUE(is_refused_inside([&] { return static_cast<int>(write(file, "x", 1)); }));
  EXPECT_TRUE(holds_inside([] { return write(STDOUT_FILENO, "", 0) == 0; }));
  close(file);
}

// Not a std::thread: ubsan looks at its object by system calls that the sandbox refuses.
TEST(Sandbox, ComputesInThreads) {
  EXPECT_TRUE(holds_inside([] {
    int result = 0;
    const auto set = [](void* to) -> void* {
      *static_cast<int*>(to) = 1;
      return nullptr;
    };
    pthread_t thread{};
    return pthread_create(&thread, nullptr, set, &result) == 0 &&
           pthread_join(thread, nullptr) == 0 && result == 1;
  }));
  EXPECT_TRUE(holds_inside([] { return std::string(64 << 20, 'x').back() == 'x'; }));
}

}  // namespace
}  // namespace fechatter::thumbnailer
