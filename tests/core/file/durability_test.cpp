#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "tests/core/file/disk_fixture.hpp"

// What is on the disk, and in which order, is seen in the calls to the kernel.
namespace fechatter::file {
namespace {

namespace fs = std::filesystem;

constexpr auto traced_calls = "trace=fsync,fdatasync,mkdirat,linkat,unlinkat";

// The calls of a test of this program, one a line, with the paths of its descriptors.
std::vector<std::string> trace_of(const std::string& test_name, const std::string& path) {
  const auto self = fs::read_symlink("/proc/self/exe").string();
  // A leak checker traces the process, too, which only one program can.
  test::run({"strace", "-f", "-y", "-s", "200", "-e", traced_calls, "-o", path, self,
             "--gtest_filter=" + test_name},
            {{"ASAN_OPTIONS", "detect_leaks=0"}});
  std::istringstream text{test::read_file(path)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

bool can_trace() try {
  test::run({"strace", "-o", "/dev/null", "true"});
  return true;
} catch (const std::exception&) {
  return false;
}

// The index of the first call from `from` on that has both texts.
std::size_t find_call(const std::vector<std::string>& calls, std::size_t from,
                      const std::string& call, const std::string& argument) {
  const auto matches = [&](const std::string& line) {
    return line.find(call) != std::string::npos && line.find(argument) != std::string::npos &&
           line.ends_with("= 0");
  };
  const auto found =
      std::find_if(calls.begin() + static_cast<std::ptrdiff_t>(from), calls.end(), matches);
  EXPECT_NE(found, calls.end()) << call << argument << " is not among the calls";
  if (found == calls.end()) throw std::runtime_error{"no such call"};
  return static_cast<std::size_t>(found - calls.begin());
}

TEST_F(DiskStoreTest, AStoreOfOneThreadKeepsFiles) {
  threads = 1;
  EXPECT_EQ(download(upload("hello")), "hello");
}

TEST_F(DiskStoreTest, ContentIsOnTheDiskBeforeItsNameAndTheNameBeforeTheAnswer) {
  if (!can_trace()) GTEST_SKIP() << "there is no strace";
  const auto calls = trace_of("DiskStoreTest.AStoreOfOneThreadKeepsFiles", scratch.path("trace"));
  const auto content = find_call(calls, 0, "fsync(", "/files/tmp/");
  const auto named = find_call(calls, content, "linkat(", ".bin\"");
  const auto folder = find_call(calls, named, "fsync(", "/files/1/2cf/24d>");
  find_call(calls, folder, "unlinkat(", "/files/tmp>");
}

TEST_F(DiskStoreTest, ANewFolderIsOnTheDiskBeforeAFileIsInIt) {
  if (!can_trace()) GTEST_SKIP() << "there is no strace";
  const auto calls = trace_of("DiskStoreTest.AStoreOfOneThreadKeepsFiles", scratch.path("trace"));
  auto at = find_call(calls, 0, "mkdirat(", "\"1\"");
  at = find_call(calls, at, "fsync(", "/files>");
  at = find_call(calls, at, "mkdirat(", "\"2cf\"");
  at = find_call(calls, at, "fsync(", "/files/1>");
  at = find_call(calls, at, "mkdirat(", "\"24d\"");
  at = find_call(calls, at, "fsync(", "/files/1/2cf>");
  find_call(calls, at, "linkat(", ".bin\"");
}

}  // namespace
}  // namespace fechatter::file
