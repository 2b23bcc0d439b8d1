#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/support/system.hpp"

// Sign-in cannot be denied to its owner, and strangers cannot guess without end.
namespace fechatter::test {
namespace {

using testing::HasSubstr;

Environment with_default_rates(Environment more = {}) {
  Environment settings{{"FECHATTER_HTTP__TRUSTED_PROXIES", "127.0.0.1"},
                       {"FECHATTER_LIMITS__SIGN_IN_PER_MINUTE", "20"},
                       {"FECHATTER_LIMITS__SIGN_IN_BURST", "20"},
                       {"FECHATTER_LIMITS__ACCOUNT_PER_MINUTE", "10"},
                       {"FECHATTER_LIMITS__ACCOUNT_BURST", "10"},
                       {"FECHATTER_LIMITS__FAILURES_FREE", "5"},
                       // No delay is over within the duration of a test.
                       {"FECHATTER_LIMITS__FAILURE_DELAY_SECONDS", "600"}};
  settings.insert(more.begin(), more.end());
  return settings;
}

class SignIn : public testing::Test {
 protected:
  static SystemOptions options(const Environment& settings) {
    SystemOptions options;
    options.start_notify = false;
    options.server = settings;
    return options;
  }
  explicit SignIn(const Environment& settings = with_default_rates()) : system{options(settings)} {}

  Reply sign_in(const std::string& email, const std::string& password, Headers headers = {},
                const std::string& from = "192.0.2.1") const {
    headers["X-Forwarded-For"] = from;
    return system.post("/api/signin", {{"email", email}, {"password", password}}, headers);
  }
  Reply guess(const std::string& email, const std::string& from) const {
    return sign_in(email, "not the password", {}, from);
  }
  Reply alice_signs_in(const Headers& headers = {}) const {
    return sign_in(alice.email(), password_of("alice"), headers);
  }
  // The cookie of the device, as the browser sends it back.
  static Headers device_of(const Reply& signed_in) {
    const auto [begin, end] = signed_in.headers.equal_range("set-cookie");
    for (auto cookie = begin; cookie != end; ++cookie) {
      if (!cookie->second.starts_with("__Host-device=")) continue;
      return {{"Cookie", cookie->second.substr(0, cookie->second.find(';'))}};
    }
    return {};
  }
  // Guesses until the account is refused to strangers.
  void lock_out(const std::string& email) const {
    for (int i = 0; i < 20; ++i) {
      if (guess(email, fmt::format("198.51.{}.1", i)).status == 429) return;
    }
    ADD_FAILURE() << "no guess was refused";
  }

  System system;
  Person alice = system.signs_up("alice");
};

TEST_F(SignIn, ADeviceGetsACookieOfItsOwn) {
  const auto reply = alice_signs_in();
  const auto [begin, end] = reply.headers.equal_range("set-cookie");
  const auto cookie = std::find_if(
      begin, end, [](const auto& header) { return header.second.starts_with("__Host-device="); });
  ASSERT_NE(cookie, end);
  for (const auto* part : {"HttpOnly", "Secure", "SameSite=Strict", "Path=/;", "Max-Age=7776000"}) {
    EXPECT_THAT(cookie->second + ";", HasSubstr(part));
  }
}

TEST_F(SignIn, GuessesAreDelayedAndAKnownDeviceIsNot) {
  const auto device = device_of(alice_signs_in());
  lock_out(alice.email());
  const auto stranger = alice_signs_in();
  EXPECT_EQ(stranger.status, 429);
  EXPECT_GE(std::stoi(stranger.header("retry-after")), 1);
  EXPECT_EQ(alice_signs_in(device).status, 200);
}

TEST_F(SignIn, ASuccessOfAKnownDeviceEndsTheDelayOfItsAccount) {
  const auto device = device_of(alice_signs_in());
  lock_out(alice.email());
  ASSERT_EQ(alice_signs_in(device).status, 200);
  EXPECT_EQ(alice_signs_in().status, 200);
}

TEST_F(SignIn, AnUnknownAccountIsDelayedAlike) {
  lock_out("nobody@acme.example");
}

TEST_F(SignIn, ADeviceOfAnotherAccountIsAStranger) {
  const auto bob = system.signs_up("bob");
  const auto device = device_of(sign_in(bob.email(), password_of("bob")));
  lock_out(alice.email());
  EXPECT_EQ(alice_signs_in(device).status, 429);
}

TEST_F(SignIn, AForgedDeviceIsAStranger) {
  auto device = device_of(alice_signs_in());
  lock_out(alice.email());
  auto& cookie = device.at("Cookie");
  cookie.back() = cookie.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(alice_signs_in(device).status, 429);
}

TEST_F(SignIn, APasswordChangeMakesStrangersOfTheOtherDevices) {
  const auto phone = device_of(alice_signs_in());
  const auto changed =
      alice.post("/api/users/change-password",
                 {{"current_password", password_of("alice")}, {"new_password", "correct horse"}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  const auto laptop = device_of(changed);
  lock_out(alice.email());
  EXPECT_EQ(sign_in(alice.email(), "correct horse", phone).status, 429);
  EXPECT_EQ(sign_in(alice.email(), "correct horse", laptop).status, 200);
}

TEST_F(SignIn, ARevokedDeviceTakesFromTheBucketsOfStrangers) {
  const auto phone = device_of(alice_signs_in());
  alice.post("/api/users/change-password",
             {{"current_password", password_of("alice")}, {"new_password", "correct horse"}});
  const auto reply = sign_in(alice.email(), "correct horse", phone);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.header("ratelimit-policy"), HasSubstr("\"sign-in\";"));
}

TEST_F(SignIn, GuessesOfASessionThatChangesThePasswordDelayThatSessionOnly) {
  const Person stolen{system, alice_signs_in().json()};
  const auto change = [](const Person& session, const std::string& current) {
    return session
        .post("/api/users/change-password",
              {{"current_password", current}, {"new_password", "correct horse"}})
        .status;
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(change(stolen, "not the password"), 422);
  EXPECT_EQ(change(stolen, password_of("alice")), 429);
  EXPECT_EQ(change(alice, password_of("alice")), 200);
}

TEST_F(SignIn, AKnownDeviceIsKnownToAnotherInstance) {
  auto other = system.another_server();
  other.start();
  const auto device = device_of(alice_signs_in());
  const auto sign_in_there = [&](const std::string& password, Headers headers) {
    headers["X-Forwarded-For"] = "192.0.2.9";
    return request(other.port(), "POST", "/api/signin",
                   nlohmann::json{{"email", alice.email()}, {"password", password}}, headers);
  };
  for (int i = 0; i < 6; ++i) sign_in_there("not the password", {});
  EXPECT_EQ(sign_in_there(password_of("alice"), {}).status, 429);
  EXPECT_EQ(sign_in_there(password_of("alice"), device).status, 200);
}

TEST_F(SignIn, AThousandFromOneNetworkAreLimited) {
  int tried = 0;
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto from = fmt::format("2001:db8:7:{:x}::1", 256 * (i % 256) + i / 256);
    const auto status = guess(fmt::format("person-{}@acme.example", i), from).status;
    tried += status == 401 ? 1 : 0;
    refused += status == 429 ? 1 : 0;
  }
  EXPECT_EQ(tried + refused, 1000);
  EXPECT_GE(tried, 320);    // 16 times the burst of one address …
  EXPECT_GE(refused, 300);  // … and what the rate has added since
  EXPECT_EQ(alice_signs_in().status, 200);
}

TEST_F(SignIn, AForwardedAddressOfAnUntrustedPeerIsWarnedOf) {
  System bare{options({})};
  EXPECT_EQ(bare.get("/health").json().at("untrusted_forwarding"), false);
  for (int i = 0; i < 3; ++i) bare.get("/health", {{"X-Forwarded-For", "192.0.2.1"}});
  EXPECT_EQ(bare.get("/health").json().at("untrusted_forwarding"), true);
  const auto log = bare.server.log();
  const std::string warning{"which http.trusted_proxies does not list"};
  const auto first = log.find(warning);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(log.find(warning, first + 1), std::string::npos);
}

// Each stranger comes from a network of its own and tries an account of its own, so that no rate
// stops them: only the queue does.
class UnderAttack : public SignIn {
 protected:
  static constexpr int strangers = 32;                 // at the same time
  static constexpr std::chrono::seconds a_minute{60};  // sanitizers make a hash slow

  UnderAttack()
      : SignIn{with_default_rates({{"FECHATTER_AUTH__PASSWORD_MEMORY_KIB", "19456"},
                                   {"FECHATTER_AUTH__PASSWORD_ITERATIONS", "2"},
                                   {"FECHATTER_AUTH__PASSWORD_QUEUE_MAX", "4"}})} {}
  ~UnderAttack() override { end(); }

  void begin() {
    for (int i = 0; i < strangers; ++i) {
      threads_.emplace_back([this, i] {
        for (int n = 0; !over_ && n < 2000; ++n) {
          const auto reply = guess(fmt::format("person-{}-{}@acme.example", i, n),
                                   fmt::format("2001:db8:{:x}::1", 2000 * i + n));
          if (reply.status == 401) ++compared_;
          if (reply.status != 503) continue;
          ++turned_away_;
          if (reply.header("retry-after").empty()) ++without_time_;
        }
      });
    }
  }
  void end() {
    over_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::atomic<int> compared_ = 0;
  std::atomic<int> turned_away_ = 0;
  std::atomic<int> without_time_ = 0;

 private:
  std::atomic<bool> over_ = false;
  std::vector<std::thread> threads_;
};

TEST_F(UnderAttack, TheOwnerStillComesInAndStrangersAreTurnedAwayWithATime) {
  const auto device = device_of(alice_signs_in());
  begin();
  ASSERT_TRUE(eventually([this] { return turned_away_ >= 50 && compared_ >= 10; }, a_minute));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(alice_signs_in(device).status, 200) << i;
  EXPECT_TRUE(eventually([this] { return turned_away_ + compared_ >= 400; }, a_minute));
  end();
  EXPECT_EQ(without_time_, 0);
}

}  // namespace
}  // namespace fechatter::test
