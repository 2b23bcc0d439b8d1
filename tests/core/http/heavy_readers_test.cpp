#include <algorithm>

#include "tests/core/http/test_server.hpp"

// A caller that has received much waits for a slot, and one beyond the limit is refused.
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t large = 40 * 1024;
constexpr UserId alice{1};

class HeavyReaders : public testing::Test {
 protected:
  explicit HeavyReaders(std::size_t reads_at_once = 8) {
    RateSettings settings;
    settings.reads_at_once = reads_at_once;
    settings.answers = {1, 1s, 100};
    settings.heavy_slots = 1;
    settings.heavy_queue_max = 1;
    limits = std::make_shared<RateLimits>(
        settings, PasswordTries{}, [this] { return RateLimiter::Clock::time_point{time.load()}; });
    Edge edge;
    edge.limits = limits;
    const auto read = [](const Request&) -> awaitable<Response> {
      co_return text_response(200, std::string(large, 'x'));
    };
    const auto small = [](const Request&) -> awaitable<Response> {
      co_return text_response(200, std::string(16 * 1024, 'x'));
    };
    const auto wait = [this](const Request&) -> awaitable<Response> {
      auto passing = gate.pass();
      co_await std::move(passing);
      co_return text_response(200, "through");
    };
    server = std::make_unique<TestServer>(
        Limits{},
        std::vector<Route>{{Method::get, "/large", Access::signed_in, read},
                           {Method::get, "/small", Access::signed_in, small},
                           {Method::get, "/wait", Access::signed_in, wait},
                           {Method::post, "/write", Access::signed_in, small}},
        edge);
  }

  static std::string request(const std::string& line, const std::string& caller) {
    return line + " HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + caller +
           "\r\nContent-Length: 0\r\n\r\n";
  }
  RawAnswer ask(const std::string& line, const std::string& caller) const {
    RawClient client{server->port()};
    return client.ask(request(line, caller));
  }
  int answered_with(int status, const std::string& line, int times) const {
    int count = 0;
    for (int i = 0; i < times; ++i) count += ask(line, "alice").status == status ? 1 : 0;
    return count;
  }

  std::unique_ptr<RawClient> begin(const std::string& line) const {
    auto client = std::make_unique<RawClient>(server->port());
    client->send(request(line, "alice"));
    return client;
  }

  // The clock of the limits.
  std::atomic<RateLimiter::Clock::duration> time{1h};
  Gate gate;
  std::shared_ptr<RateLimits> limits;
  std::unique_ptr<TestServer> server;
};

TEST_F(HeavyReaders, AreRefusedWhenTheyHaveReceivedTooMuch) {
  EXPECT_EQ(answered_with(200, "GET /large", 3), 3);
  const auto refused = ask("GET /large", "alice");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "21");
  RawClient client{server->port()};
  client.send(request("HEAD /large", "alice"));
  EXPECT_EQ(client.read_answer(false).status, 429);
  EXPECT_EQ(ask("POST /write", "alice").status, 200);
  EXPECT_EQ(ask("GET /large", "bob").status, 200);
  time = time.load() + 21s;
  EXPECT_EQ(ask("GET /large", "alice").status, 200);
}

TEST_F(HeavyReaders, SmallAnswersDoNotCount) {
  EXPECT_EQ(answered_with(200, "GET /small", 20), 20);
}

TEST_F(HeavyReaders, AreServedOneAtATimeAndOthersBesideThem) {
  answered_with(200, "GET /large", 1);
  RawClient first{server->port()};
  first.send(request("GET /wait", "alice"));
  gate.wait_until_reached(1);
  RawClient second{server->port()};
  second.send(request("GET /large", "alice"));
  // Neither a write nor another user's request waits; a third one of the heavy is refused.
  EXPECT_EQ(ask("POST /write", "alice").status, 200);
  EXPECT_EQ(ask("GET /large", "bob").status, 200);
  ASSERT_TRUE(eventually([this] { return limits->heavy_waiting() == 1; }));
  EXPECT_EQ(ask("GET /small", "alice").status, 503);
  gate.open();
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(second.read_answer().status, 200);
}

// What makes a heavy reader is forgotten far more slowly than what is refused.
TEST_F(HeavyReaders, AreHeavyOnesUntilALongPause) {
  EXPECT_EQ(answered_with(200, "GET /large", 2), 2);
  time = time.load() + 100s;
  const auto first = begin("GET /wait");
  gate.wait_until_reached(1);
  const auto second = begin("GET /small");
  EXPECT_TRUE(eventually([this] { return limits->heavy_waiting() == 1; }));
  time = time.load() + 400s;
  const auto third = begin("GET /wait");
  gate.wait_until_reached(2);
  gate.open();
  for (const auto& client : {first.get(), second.get(), third.get()}) {
    EXPECT_EQ(client->read_answer().status, 200);
  }
}

// So that heavy readers take a part of a processor only.
TEST_F(HeavyReaders, ASlotRestsForLongerThanItWorked) {
  answered_with(200, "GET /large", 1);
  const auto reader = begin("GET /wait");
  gate.wait_until_reached(1);
  const auto working = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(50ms);
  gate.open();
  const auto opened = std::chrono::steady_clock::now();
  EXPECT_EQ(ask("GET /small", "bob").status, 200);
  EXPECT_EQ(reader->read_answer().status, 200);
  EXPECT_GT(std::chrono::steady_clock::now() - opened, 2 * (opened - working));
}

class OneReadAtOnce : public HeavyReaders {
 protected:
  OneReadAtOnce() : HeavyReaders(1) {}

  void fill_the_slot() {
    first = begin("GET /wait");
    gate.wait_until_reached(1);
  }
  bool are_waiting(std::size_t count) const {
    return eventually([&] { return limits->reads_waiting(alice) == count; });
  }

  std::unique_ptr<RawClient> first;
};

TEST_F(OneReadAtOnce, OthersOfTheUserWaitButNoWriteAndNoOtherUser) {
  fill_the_slot();
  const auto second = begin("GET /large");
  ASSERT_TRUE(are_waiting(1));
  EXPECT_EQ(ask("POST /write", "alice").status, 200);
  EXPECT_EQ(ask("GET /large", "bob").status, 200);
  EXPECT_EQ(limits->reads_waiting(alice), 1U);
  gate.open();
  EXPECT_EQ(first->read_answer().status, 200);
  EXPECT_EQ(second->read_answer().status, 200);
  EXPECT_TRUE(are_waiting(0));
}

// Each of them was admitted before the first one was answered.
TEST_F(OneReadAtOnce, WhatWaitedIsRefusedWhenTheUserHasReceivedTooMuchMeanwhile) {
  fill_the_slot();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(begin("GET /large"));
  ASSERT_TRUE(are_waiting(5));
  gate.open();
  std::vector<int> statuses;
  for (const auto& client : clients) statuses.push_back(client->read_answer().status);
  EXPECT_EQ(std::ranges::count(statuses, 200), 3);
  EXPECT_EQ(std::ranges::count(statuses, 429), 2);
}

}  // namespace
}  // namespace fechatter::http
