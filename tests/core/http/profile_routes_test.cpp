#include "fechatter_core/http/profile_routes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "fechatter_core/http/admin_server.hpp"
#include "fechatter_core/observability/symbols.hpp"
#include "tests/core/http/raw_client.hpp"

namespace fechatter::http {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* profile_token = "a-token-for-profiles";

// Not static, so that it has a name in the program.
void function_with_a_name() {}

class Profiles : public testing::Test {
 protected:
  Profiles() : path{fmt::format("{}profile_token_{}", testing::TempDir(), getpid())} {
    std::ofstream{path} << profile_token << "\n";
    AdminSettings settings;
    settings.profile_token_file = path;
    server.emplace(settings, metrics);
    server->start();
  }
  ~Profiles() override { std::remove(path.c_str()); }
  Profiles(const Profiles&) = delete;
  Profiles& operator=(const Profiles&) = delete;
#ifdef __SANITIZE_THREAD__
  void SetUp() override {
    GTEST_SKIP() << "tsan delays the signals that profiling needs";
  }
#endif

  RawAnswer ask(const std::string& target,
                const std::string& authorization = fmt::format("Bearer {}", profile_token)) {
    RawClient client{server->port()};
    return client.ask(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\n\r\n",
                                  target, authorization));
  }

  const std::string path;
  observability::Metrics metrics;
  std::optional<AdminServer> server;
};

TEST_F(Profiles, WithoutTheTokenThereIsNone) {
  for (const auto* given : {"", "Bearer wrong", "Bearer ", "Basic eDp3cm9uZw==", "Basic !!"}) {
    for (const auto* target : {"profile?seconds=1", "heap", "cmdline", "symbol"}) {
      EXPECT_EQ(ask(fmt::format("/debug/pprof/{}", target), given).status, 401)
          << target << " " << given;
    }
  }
}

// As `go tool pprof` sends it for http://pprof:TOKEN@host.
TEST_F(Profiles, TheTokenMayBeThePasswordOfAUrl) {
  EXPECT_EQ(ask("/debug/pprof/cmdline", "Basic cHByb2Y6YS10b2tlbi1mb3ItcHJvZmlsZXM=").status, 200);
}

TEST_F(Profiles, TheCommandLineIsTheProgramAlone) {
  const auto answer = ask("/debug/pprof/cmdline");
  EXPECT_THAT(answer.body, HasSubstr("http_tests"));
  EXPECT_THAT(answer.body, Not(HasSubstr("gtest")));
}

TEST_F(Profiles, AnAddressHasTheNameOfItsFunction) {
  const auto address = reinterpret_cast<std::uintptr_t>(&function_with_a_name);
  const auto answer = ask(fmt::format("/debug/pprof/symbol?{:#x}+0x1+nonsense", address));
  EXPECT_THAT(answer.body, testing::StartsWith("num_symbols: 1\n"));
  EXPECT_THAT(answer.body, HasSubstr(fmt::format("{:#x}\t", address)));
  EXPECT_THAT(answer.body, HasSubstr("function_with_a_name()\n"));
  EXPECT_THAT(answer.body, HasSubstr("0x1\t??\n"));
}

TEST_F(Profiles, OfTheHeapNeedAnAllocatorThatTakesSamples) {
  const auto answer = ask("/debug/pprof/heap");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("LD_PRELOAD=libtcmalloc"));
}

TEST_F(Profiles, ASecondOneWaitsForNone) {
  std::atomic<bool> ended = false;
  std::thread work{[&ended] {
    for (std::atomic<int> n = 0; !ended; ++n) {}
  }};
  RawAnswer first;
  std::thread waiting{[&] { first = ask("/debug/pprof/profile?seconds=2"); }};
  // Refused once the first has begun; until then it would be the first itself.
  std::this_thread::yield();
  RawAnswer second = ask("/debug/pprof/profile?seconds=2");
  waiting.join();
  ended = true;
  work.join();
  if (first.status == 404) GTEST_SKIP() << "SKIPPED: there is no libprofiler.so.0";
  const auto& taken = first.status == 200 ? first : second;
  const auto& refused = first.status == 200 ? second : first;
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after").has_value(), true);
  EXPECT_THAT(taken.body, HasSubstr("http_tests")) << "the map of the process is at its end";
}

TEST_F(Profiles, ATimeOutOfRangeIsRefused) {
  EXPECT_EQ(ask("/debug/pprof/profile?seconds=0").status, 422);
  EXPECT_EQ(ask("/debug/pprof/profile?seconds=301").status, 422);
}

TEST(ProfileToken, AFileWithoutAGoodOneStopsTheStart) {
  observability::Metrics metrics;
  AdminSettings settings;
  settings.profile_token_file = "/nonexistent";
  EXPECT_THROW(AdminServer(settings, metrics), ConfigError);
  settings.profile_token_file = fmt::format("{}no_profile_token_{}", testing::TempDir(), getpid());
  for (const auto* line : {"", "fifteen-letters", "letters and spaces", "letters-with-a-return\r",
                           "letters-beyond-äscii", "letters-and-a-tab\t"}) {
    std::ofstream{settings.profile_token_file} << line << "\n";
    EXPECT_THROW(AdminServer(settings, metrics), ConfigError) << line;
  }
  std::remove(settings.profile_token_file.c_str());
}

TEST(ProfileToken, WithoutOneThereAreNoProfiles) {
  observability::Metrics metrics;
  AdminServer server{AdminSettings{}, metrics};
  server.start();
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(get("/debug/pprof/profile")).status, 404);
}

}  // namespace
}  // namespace fechatter::http
