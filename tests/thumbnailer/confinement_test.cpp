#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "fechatter_core/file/picture_report.hpp"
#include "fechatter_server/file/child_process.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

// The real process as the kernel shows it, before it has read a byte.
namespace fechatter::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Its standard input is a pipe without content.
class WaitingThumbnailer : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reading = file::Descriptor{ends[0]};
    writing = file::Descriptor{ends[1]};
    // As a library might leave one open.
    leaked = fcntl(ends[0], F_DUPFD, 100);
    waiter = std::thread{[this] {
      const server::ChildLimits limits{std::chrono::seconds{60}, 1000};
      end = run_child(thumbnailer_program(), reading, limits, file::Descriptor{});
    }};
    ASSERT_TRUE(eventually([this] { return status().find("Seccomp:\t2") != std::string::npos; }));
  }
  void TearDown() override {
    writing = file::Descriptor{};
    waiter.join();
    close(leaked);
  }
  static std::string folder() {
    for (const auto& task : fs::directory_iterator{"/proc/self/task"}) {
      const auto children = read_file((task.path() / "children").string());
      if (!children.empty()) return "/proc/" + children.substr(0, children.find(' '));
    }
    return "/proc/none";
  }
  static std::string status() {
    try {
      return read_file(folder() + "/status");
    } catch (const std::exception&) {
      return {};
    }
  }

  file::Descriptor reading;
  file::Descriptor writing;
  int leaked = -1;
  server::ChildEnd end;
  std::thread waiter;
};

TEST_F(WaitingThumbnailer, HasItsLimitsAndNoRights) {
  EXPECT_THAT(status(), HasSubstr("NoNewPrivs:\t1"));
  const auto limits = read_file(folder() + "/limits");
  EXPECT_THAT(limits, testing::ContainsRegex("Max address space +536870912 +536870912"));
  EXPECT_THAT(limits, testing::ContainsRegex("Max cpu time +10 +10"));
  EXPECT_THAT(limits, testing::ContainsRegex("Max open files +16 +16"));
  EXPECT_THAT(limits, testing::ContainsRegex("Max core file size +0 +0"));
  EXPECT_EQ(read_file(folder() + "/oom_score_adj"), "1000\n");
}

TEST_F(WaitingThumbnailer, HasNeitherTheEnvironmentNorTheDescriptorsOfTheServer) {
  EXPECT_EQ(read_file(folder() + "/environ"), std::string("LC_ALL=C\0", 9));
  for (const auto& descriptor : fs::directory_iterator{folder() + "/fd"}) {
    EXPECT_LT(std::stoi(descriptor.path().filename()), 16);
    if (std::stoi(descriptor.path().filename()) == 2) {
      EXPECT_EQ(fs::read_symlink(descriptor), "/dev/null");
    }
  }
}

TEST_F(WaitingThumbnailer, EndsWithoutAPictureWhenItsInputEnds) {
  writing = file::Descriptor{};
  waiter.join();
  EXPECT_EQ(end.reason, "");
  EXPECT_EQ(file::parse_frames(end.output).value().failure, file::PictureFailure::not_a_picture);
  waiter = std::thread{[] {}};
}

}  // namespace
}  // namespace fechatter::test
