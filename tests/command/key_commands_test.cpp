#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "fechatter_core/auth/key_rotation.hpp"
#include "fechatter_core/auth/signing_key.hpp"
#include "tests/command/command_fixture.hpp"

// `keys status`, `keys rotate announce|switch|finish`.
namespace fechatter::test {
namespace {

using auth::KeyRotation;
using auth::RotationState;
using testing::ElementsAre;
using testing::HasSubstr;

class KeyFiles : public testing::Test {
 protected:
  KeyFiles() { make_keys(folder.path()); }
  unsigned mode(const std::string& name) const {
    struct stat status {};
    stat(folder.path(name).c_str(), &status);
    return status.st_mode & 0777;
  }
  std::string refusal_of(auth::KeyState (KeyRotation::*step)() const) const {
    try {
      (rotation.*step)();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "done";
  }

  ScratchFolder folder;
  KeyRotation rotation{folder.path("private.pem"), folder.path("public.pem")};
};

TEST_F(KeyFiles, BothKeysAreGoodUntilTheRotationIsFinished) {
  const auto former = rotation.read().signing;
  const auto announced = rotation.announce();
  EXPECT_EQ(announced.state, RotationState::announced);
  EXPECT_EQ(announced.signing, former);
  EXPECT_THAT(announced.verifying, ElementsAre(former, announced.next));
  const auto switched = rotation.switch_over();
  EXPECT_EQ(switched.state, RotationState::switched);
  EXPECT_EQ(switched.signing, announced.next);
  EXPECT_THAT(switched.verifying, ElementsAre(former, switched.signing));
  const auto finished = rotation.finish();
  EXPECT_EQ(finished.state, RotationState::idle);
  EXPECT_EQ(finished.signing, switched.signing);
  EXPECT_THAT(finished.verifying, ElementsAre(switched.signing));
  EXPECT_FALSE(std::filesystem::exists(folder.path("private.pem.next")));
}

TEST_F(KeyFiles, AStepIsRefusedBeforeTheOneBeforeIt) {
  EXPECT_THAT(refusal_of(&KeyRotation::switch_over), HasSubstr("no rotation was announced"));
  rotation.announce();
  EXPECT_THAT(refusal_of(&KeyRotation::finish), HasSubstr("the next step is to switch"));
  rotation.switch_over();
  EXPECT_THAT(refusal_of(&KeyRotation::announce), HasSubstr("is not finished"));
}

TEST_F(KeyFiles, AStepThatIsAskedForAgainChangesNothing) {
  const auto next = rotation.announce().next;
  EXPECT_EQ(rotation.announce().next, next);
  const auto signing = rotation.switch_over().signing;
  EXPECT_EQ(rotation.switch_over().signing, signing);
  rotation.finish();
  EXPECT_EQ(rotation.finish().signing, signing);
}

// The next key was written, and no other file yet.
TEST_F(KeyFiles, AnAnnouncementThatWasInterruptedIsCompleted) {
  const auto key = auth::new_private_key();
  std::ofstream{folder.path("private.pem.next")} << auth::private_pem(key);
  EXPECT_EQ(rotation.read().state, RotationState::idle);
  EXPECT_THAT(refusal_of(&KeyRotation::switch_over), HasSubstr("no rotation was announced"));
  EXPECT_EQ(rotation.announce().next, auth::fingerprint(key));
}

TEST_F(KeyFiles, KeepTheirModes) {
  std::filesystem::permissions(folder.path("private.pem"), std::filesystem::perms{0640});
  rotation.announce();
  EXPECT_EQ(mode("private.pem"), 0640U);
  EXPECT_EQ(mode("private.pem.next"), 0640U);
  EXPECT_EQ(mode("public.pem"), 0644U);
}

TEST_F(KeyFiles, OfTwoInstallationsAreRefused) {
  const ScratchFolder other;
  make_keys(other.path());
  const KeyRotation mixed{folder.path("private.pem"), other.path("public.pem")};
  EXPECT_THROW(mixed.announce(), std::runtime_error);
  EXPECT_EQ(rotation.read().verifying.size(), 1U);
}

TEST_F(KeyFiles, WithThreeKeysAreRefused) {
  const auto path = folder.path("three.pem");
  {
    std::ofstream file{path};
    for (int i = 0; i < 3; ++i) file << auth::public_pem(auth::new_private_key());
  }
  EXPECT_THROW(auth::load_verifying_keys(path), std::runtime_error);
}

class KeyCommands : public CommandTest {
 protected:
  KeyCommands() : CommandTest{SystemOptions{}} {}

  nlohmann::json rotate(const std::string& step, int code = 0,
                        const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments{"keys", "rotate", step, "--public",
                                       system.folder.path("public.pem")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return object(arguments, code);
  }
  void restart(Server& server) const {
    server.stop();
    server.start();
  }
  // Both servers take the token.
  bool is_good(const Person& person) const {
    return request(system.server.port(), "GET", "/api/users", {}, person.bearer()).status == 200 &&
           request(system.notify.port(), "GET", "/api/online-users", {}, person.bearer()).status ==
               200;
  }
};

TEST_F(KeyCommands, NoTokenIsRefusedDuringARotationAndAfterItOnlyThoseOfTheFormerKey) {
  EXPECT_EQ(rotate("announce").at("state"), "announced");
  restart(system.notify);
  EXPECT_TRUE(is_good(alice));
  restart(system.server);
  EXPECT_TRUE(is_good(alice));
  EXPECT_EQ(rotate("switch").at("state"), "switched");
  // Another instance signs already with the next key while the first one knows it only.
  auto switched = system.another_server();
  switched.start();
  const auto signed_in =
      request(switched.port(), "POST", "/api/signin",
              nlohmann::json{{"email", bob.email()}, {"password", password_of("bob")}});
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  const Person bob_again{system, signed_in.json()};
  EXPECT_TRUE(is_good(bob_again));
  EXPECT_TRUE(is_good(alice));
  EXPECT_EQ(request(switched.port(), "GET", "/api/users", {}, alice.bearer()).status, 200);
  EXPECT_EQ(switched.stop(), 0);
  restart(system.server);
  EXPECT_TRUE(is_good(alice));
  EXPECT_TRUE(bob_again.subscribes().status() == 200);

  const auto early = rotate("finish", 1);
  EXPECT_THAT(early.at("error").at("message").get<std::string>(), HasSubstr("--early"));
  EXPECT_EQ(rotate("finish", 0, {"--early"}).at("verifying").size(), 1U);
  restart(system.server);
  restart(system.notify);
  EXPECT_TRUE(is_good(bob_again));
  EXPECT_EQ(request(system.server.port(), "GET", "/api/users", {}, alice.bearer()).status, 401);
  EXPECT_EQ(request(system.notify.port(), "GET", "/api/online-users", {}, alice.bearer()).status,
            401);
  EXPECT_EQ(audit_count("keys.announce") + audit_count("keys.switch") + audit_count("keys.finish"),
            3);
}

TEST_F(KeyCommands, StatusSaysWhatComesNext) {
  const std::vector<std::string> status{"keys", "status", "--public",
                                        system.folder.path("public.pem")};
  EXPECT_EQ(object(status).at("state"), "idle");
  rotate("announce");
  EXPECT_THAT(object(status).at("next_step").get<std::string>(), HasSubstr("keys rotate switch"));
  EXPECT_THAT(run(status).out, HasSubstr("are good"));
}

}  // namespace
}  // namespace fechatter::test
