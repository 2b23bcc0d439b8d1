#include "fechatter_server/auth/password_hasher.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/support/await.hpp"
#include "tests/support/process.hpp"

namespace fechatter::server {
namespace {

constexpr PasswordSettings cheap{.threads = 3, .queue_max = 8, .memory_kib = 64, .iterations = 1};

// The number of threads of this process with this niceness, the 17th field after the name.
std::ptrdiff_t threads_of_niceness(int wanted) {
  const auto is_wanted = [wanted](const auto& thread) {
    const auto stat = test::read_file(thread.path() / "stat");
    std::istringstream fields{stat.substr(std::min(stat.rfind(") ") + 2, stat.size()))};
    std::string skipped;
    for (int i = 0; i < 16; ++i) fields >> skipped;
    int niceness = 0;
    return (fields >> niceness) && niceness == wanted;
  };
  const std::filesystem::directory_iterator all{"/proc/self/task"};
  return std::count_if(begin(all), end(all), is_wanted);
}

TEST(PasswordHasher, VerifiesThePasswordAndNoOther) {
  asio::io_context io;
  PasswordHasher hasher{cheap};
  const auto hash = test::await(io, hasher.hash("correct horse"));
  EXPECT_THAT(hash, testing::StartsWith("$argon2id$"));
  EXPECT_TRUE(test::await(io, hasher.verify("correct horse", hash)));
  EXPECT_FALSE(test::await(io, hasher.verify("battery staple", hash)));
  EXPECT_FALSE(test::await(io, hasher.verify("correct horse", std::nullopt)));
}

TEST(PasswordHasher, RunsItsThreadsAtALowPriority) {
  const int ours = getpriority(PRIO_PROCESS, 0);
  const PasswordHasher hasher{cheap};
  const auto all_have = [&] { return threads_of_niceness(std::min(ours + 10, 19)) >= 3; };
  EXPECT_TRUE(test::eventually(all_have));
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), ours);
}

}  // namespace
}  // namespace fechatter::server
