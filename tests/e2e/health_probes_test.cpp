#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using Clock = std::chrono::steady_clock;

// Probes of /health by many clients at once, under the default rates.
class HealthProbes : public testing::Test {
 protected:
  // The statuses that are not 200, of `count` requests from eight threads.
  static std::vector<int> probe(std::uint16_t port, int count) {
    std::atomic<int> next = 0;
    std::mutex mutex;
    std::vector<int> others;
    const auto client = [&] {
      while (next++ < count) {
        const int status = request(port, "GET", "/health").status;
        const std::lock_guard lock{mutex};
        if (status != 200) others.push_back(status);
      }
    };
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) clients.emplace_back(client);
    for (auto& thread : clients) thread.join();
    return others;
  }
  std::int64_t scans_of(const std::string& table) {
    return system.database->number(fmt::format(
        "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = '{}'",
        table));
  }
  // A connection reports its statistics together, some time later. That of the health checks also
  // reads the revoked sessions, twice a second.
  bool statistics_arrive() {
    const auto before = scans_of("sessions");
    return eventually([&] { return scans_of("sessions") > before; }, std::chrono::seconds{30});
  }

  System system{[] {
    SystemOptions options;
    options.server = options.notify = {{"FECHATTER_LIMITS__STRANGER_PER_SECOND", "1"},
                                       {"FECHATTER_LIMITS__STRANGER_BURST", "1"}};
    return options;
  }()};
};

TEST_F(HealthProbes, TwoHundredAtOnceAreAllAnsweredByTwoStatementsASecond) {
  const auto alice = system.signs_up("alice");
  const auto bob = system.signs_up("bob");
  const auto chat = alice.makes_chat("Single", {bob.id()}, "");
  std::atomic<bool> ended = false;
  std::thread load{[&] {
    while (!ended) alice.posts(chat, "hello");
  }};
  ASSERT_TRUE(statistics_arrive());
  const auto before = scans_of("schema_migrations");
  const auto begun = Clock::now();
  for (const auto port : {system.server.port(), system.notify.port()}) {
    EXPECT_THAT(probe(port, 200), testing::IsEmpty()) << port;
  }
  ASSERT_TRUE(statistics_arrive());
  const std::chrono::duration<double> took = Clock::now() - begun;
  ended = true;
  load.join();
  // Of each server: one at the beginning, then two a second.
  const auto statements = static_cast<double>(scans_of("schema_migrations") - before);
  EXPECT_LE(statements, 2 * (1 + 2 * took.count()));
}

// What an outsider learns, and what an internal caller learns.
class HealthDetails : public testing::Test {
 protected:
  static nlohmann::json seen(std::uint16_t port, const std::string& target,
                             const std::string& client) {
    const auto reply = request(port, "GET", target, {}, {{"X-Forwarded-For", client}});
    EXPECT_EQ(reply.status, 200);
    return reply.json();
  }

  System system{[] {
    SystemOptions options;
    options.server = options.notify = {{"FECHATTER_HTTP__TRUSTED_PROXIES", "127.0.0.1"},
                                       {"FECHATTER_HTTP__INTERNAL_ADDRESSES", "192.0.2.0/24"}};
    return options;
  }()};
};

TEST_F(HealthDetails, AnOutsiderSeesTheStateAndNothingElse) {
  for (const auto port : {system.server.port(), system.notify.port()}) {
    const auto health = seen(port, "/health", "198.51.100.1");
    EXPECT_EQ(health.size(), 3U) << health;
    EXPECT_TRUE(health.contains("timestamp"));
    EXPECT_EQ(health.at("status"), "healthy");
    for (const auto& service : health.at("services")) {
      EXPECT_EQ(service.size(), 2U) << service;
      EXPECT_EQ(service.at("status"), "healthy");
    }
  }
  const auto streams = seen(system.notify.port(), "/api/sse/health", "198.51.100.1");
  EXPECT_EQ(streams, nlohmann::json::parse(
                         R"({"status":"healthy","service":"notify_server","transport":"sse"})"));
}

TEST_F(HealthDetails, AnInternalCallerSeesTheDetails) {
  for (const auto port : {system.server.port(), system.notify.port()}) {
    const auto health = seen(port, "/health", "192.0.2.7");
    EXPECT_TRUE(health.contains("memory_usage")) << health;
    EXPECT_TRUE(health.contains("database_pool_usage"));
    EXPECT_TRUE(health.at("services").at(0).contains("latency_ms"));
  }
  const auto streams = seen(system.notify.port(), "/api/sse/health", "192.0.2.7");
  EXPECT_EQ(streams.at("connected_users"), 0);
  EXPECT_EQ(streams.at("active_chats"), 0);
}

}  // namespace
}  // namespace fechatter::test
