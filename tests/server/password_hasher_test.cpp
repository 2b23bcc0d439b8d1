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

class Hashed : public testing::Test {
 protected:
  std::string hash_by(PasswordHasher& by, const std::string& password) {
    return test::await(io, by.hash(password, HashTurn{}));
  }
  VerifiedPassword verify(const std::vector<std::string>& forms,
                          const std::optional<std::string>& stored) {
    return test::await(io, hasher.verify(forms, stored, HashTurn{}));
  }

  asio::io_context io;
  PasswordHasher hasher{cheap};
  const std::string hash = hash_by(hasher, "correct horse");
};

TEST_F(Hashed, IsVerifiedByThePasswordAndNoOther) {
  EXPECT_THAT(hash, testing::StartsWith("$argon2id$"));
  EXPECT_TRUE(verify({"correct horse"}, hash).right);
  EXPECT_FALSE(verify({"battery staple"}, hash).right);
  EXPECT_FALSE(verify({"correct horse"}, std::nullopt).right);
}

TEST_F(Hashed, IsNotRenewedWithoutNeed) {
  EXPECT_EQ(verify({"correct horse"}, hash).renewed_hash, "");
}

TEST_F(Hashed, WithOtherParametersIsRenewedOnceThePasswordIsRight) {
  auto settings = cheap;
  settings.memory_kib = 128;
  PasswordHasher former{settings};
  const auto stored = hash_by(former, "correct horse");
  EXPECT_EQ(verify({"battery staple"}, stored).renewed_hash, "");
  const auto verified = verify({"correct horse"}, stored);
  EXPECT_TRUE(verified.right);
  EXPECT_THAT(verified.renewed_hash, testing::HasSubstr("$m=64,t=1,p=1$"));
  EXPECT_TRUE(verify({"correct horse"}, verified.renewed_hash).right);
}

TEST_F(Hashed, InAFormerFormIsRenewedInThePresentOne) {
  const auto stored = hash_by(hasher, "o\u0308ffnen");
  const auto verified = verify({"\u00f6ffnen", "o\u0308ffnen"}, stored);
  EXPECT_TRUE(verified.right);
  EXPECT_TRUE(verify({"\u00f6ffnen"}, verified.renewed_hash).right);
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
