#include "fechatter_server/file/download_rates.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "tests/support/await.hpp"

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kib = 1024;

// A body of a megabyte.
class Zeros final : public http::BodySource {
 public:
  std::optional<std::uint64_t> size() const override { return 1024 * kib; }
  awaitable<std::size_t> read(std::uint64_t, char*, std::size_t count) override { co_return count; }
  int descriptor() const override { return 17; }
  awaitable<std::uint64_t> load(std::uint64_t, std::uint64_t count) override {
    co_return std::min<std::uint64_t>(count, 60 * kib);
  }
};

class RatesOfDownloads : public testing::Test {
 protected:
  void start(bool enabled = true) {
    rates.emplace(DownloadRateSettings{{1, 1s, 100}}, enabled, 10, [this] { return time; });
  }
  void download(UserId user, std::size_t bytes) {
    const auto source = rates->counted(std::make_unique<Zeros>(), user);
    std::array<char, kib> piece{};
    for (std::size_t read = 0; read < bytes; read += piece.size()) {
      test::await(io, source->read(read, piece.data(), std::min(piece.size(), bytes - read)));
    }
  }
  bool admits(UserId user) {
    try {
      rates->admit(user);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::rate_limited);
      return false;
    }
  }

  http::RateLimiter::Clock::time_point time{1h};
  std::optional<DownloadRates> rates;
  asio::io_context io;
};

TEST_F(RatesOfDownloads, CountWhatWasRead) {
  start();
  download(UserId{1}, 99 * kib);
  EXPECT_TRUE(admits(UserId{1}));
  download(UserId{1}, kib);
  EXPECT_FALSE(admits(UserId{1}));
  EXPECT_TRUE(admits(UserId{2}));
  time += 1s;
  EXPECT_TRUE(admits(UserId{1}));
}

TEST_F(RatesOfDownloads, CountSmallReadsTogether) {
  start();
  const auto source = rates->counted(std::make_unique<Zeros>(), UserId{1});
  std::array<char, 512> piece{};
  for (int i = 0; i < 199; ++i) test::await(io, source->read(0, piece.data(), piece.size()));
  EXPECT_TRUE(admits(UserId{1}));
  test::await(io, source->read(0, piece.data(), piece.size()));
  EXPECT_FALSE(admits(UserId{1}));
}

TEST_F(RatesOfDownloads, KeepTheSizeAndTheDescriptorOfTheSource) {
  start();
  const auto source = rates->counted(std::make_unique<Zeros>(), UserId{1});
  EXPECT_EQ(source->size(), 1024 * kib);
  EXPECT_EQ(source->descriptor(), 17);
}

TEST_F(RatesOfDownloads, CountWhatIsSentFromTheFile) {
  start();
  const auto source = rates->counted(std::make_unique<Zeros>(), UserId{1});
  EXPECT_EQ(test::await(io, source->load(0, 1024 * kib)), 60 * kib);
  EXPECT_TRUE(admits(UserId{1}));
  test::await(io, source->load(60 * kib, 40 * kib));
  EXPECT_FALSE(admits(UserId{1}));
}

TEST_F(RatesOfDownloads, CountNothingWhereTheyAreSwitchedOff) {
  start(false);
  download(UserId{1}, 200 * kib);
  EXPECT_TRUE(admits(UserId{1}));
}

}  // namespace
}  // namespace fechatter::server
