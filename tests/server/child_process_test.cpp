#include "fechatter_server/file/child_process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/process.hpp"

namespace fechatter::server {
namespace {

using testing::HasSubstr;

class ChildProcess : public testing::Test {
 protected:
  // A shell script as the program.
  ChildEnd run_script(const std::string& script) {
    const auto path = scratch.path("program");
    std::ofstream{path} << "#!/bin/sh\n" << script << "\n";
    chmod(path.c_str(), 0700);
    return run(path);
  }
  ChildEnd run(const std::string& program) {
    const file::Descriptor input{open("/dev/null", O_RDONLY | O_CLOEXEC)};
    return run_child(program, input, limits, stop);
  }

  test::ScratchFolder scratch;
  ChildLimits limits{std::chrono::seconds{30}, 1000};
  file::Descriptor stop{eventfd(0, EFD_CLOEXEC)};
};

TEST_F(ChildProcess, GivesItsOutputWhenItEndsWith0) {
  const auto end = run_script("echo hello");
  EXPECT_TRUE(end.started);
  EXPECT_TRUE(end.succeeded);
  EXPECT_EQ(end.output, "hello\n");
  EXPECT_EQ(end.reason, "");
}

TEST_F(ChildProcess, HasOneVariableInItsEnvironment) {
  EXPECT_EQ(run("/usr/bin/env").output, "LC_ALL=C\n");
}

TEST_F(ChildProcess, HasNoDescriptorOfThisProcess) {
  const int leaked = fcntl(STDIN_FILENO, F_DUPFD, 100);
  ASSERT_GE(leaked, 100);
  const auto end = run_script("[ -e /proc/$$/fd/" + std::to_string(leaked) + " ] || echo closed");
  close(leaked);
  EXPECT_EQ(end.output, "closed\n");
}

TEST_F(ChildProcess, ThatIsMissingIsNotStarted) {
  const auto end = run(scratch.path("missing"));
  EXPECT_FALSE(end.started);
  EXPECT_FALSE(end.succeeded);
  EXPECT_EQ(end.reason, "No such file or directory");
}

TEST_F(ChildProcess, ThatFailsOrIsKilledHasNoOutput) {
  const auto failed = run_script("echo secret; exit 3");
  EXPECT_TRUE(failed.started);
  EXPECT_EQ(failed.reason, "it has ended with 3");
  EXPECT_EQ(failed.output, "");
  EXPECT_EQ(run_script("kill -SEGV $$").reason, "it was ended by signal 11");
}

TEST_F(ChildProcess, ThatTakesTooLongIsKilled) {
  limits.time_max = std::chrono::milliseconds{100};
  const auto end = run_script("exec sleep 1000");
  EXPECT_TRUE(end.started);
  EXPECT_FALSE(end.succeeded);
  EXPECT_EQ(end.reason, "it has taken too long");
}

TEST_F(ChildProcess, ThatWritesTooMuchIsKilled) {
  EXPECT_EQ(run_script("exec cat /dev/zero").reason, "it has written too much");
}

TEST_F(ChildProcess, ThatClosesItsOutputAndGoesOnIsKilled) {
  const auto end = run_script("exec sleep 1000 >/dev/null");
  EXPECT_FALSE(end.succeeded);
  EXPECT_EQ(end.reason, "it was ended by signal 9");
}

TEST_F(ChildProcess, IsKilledWhenTheServerEnds) {
  eventfd_write(stop.get(), 1);
  EXPECT_THAT(run_script("exec sleep 1000").reason, HasSubstr("shutting down"));
}

}  // namespace
}  // namespace fechatter::server
