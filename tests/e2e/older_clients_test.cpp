#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// Chat clients that exist for this API and are used as they are.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OlderClients : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // The bare fields stand beside `success` and `data`, which has the same.
  static void expect_enveloped(const Reply& reply) {
    ASSERT_EQ(reply.status, 200) << reply.body;
    auto bare = reply.json();
    EXPECT_EQ(bare.at("success"), true);
    const json data = bare.at("data");
    bare.erase("success");
    bare.erase("data");
    EXPECT_EQ(data, bare);
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
};

TEST_F(OlderClients, FindAProfileBareAndUnderData) {
  const auto of_bob = fmt::format("/api/users/{}", bob.id());
  for (const auto& target :
       {std::string{"/api/users/profile"}, of_bob + "/profile", of_bob}) {
    const auto reply = alice.get(target);
    expect_enveloped(reply);
    EXPECT_EQ(reply.json().at("fullname"), target == "/api/users/profile" ? "alice" : "bob");
  }
  const json change{{"title", "Engineer"}};
  for (const auto* method : {"PATCH", "PUT"}) {
    expect_enveloped(system.send(method, "/api/users/profile", change, alice.bearer()));
  }
  EXPECT_EQ(alice.get(of_bob).header("deprecation"), "true");
  EXPECT_EQ(alice.get(of_bob + "/profile").header("deprecation"), "");
}

TEST_F(OlderClients, FindTheSuccessOfAChangedPassword) {
  expect_enveloped(
      alice.post("/api/users/change-password",
                 {{"current_password", password_of("alice")}, {"new_password", "another one"}}));
}

}  // namespace
}  // namespace fechatter::test
