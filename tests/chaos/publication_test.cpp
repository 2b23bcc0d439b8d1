#include "tests/chaos/publication.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/process.hpp"

namespace fechatter::chaos {
namespace {

using testing::HasSubstr;

class Publication : public testing::Test {
 protected:
  Publication() {
    result.seed = 7;
    Send send;
    send.key = "the key";
    send.content = "the text";
    result.histories.sends.push_back(send);
    provenance.plans = {{{std::chrono::milliseconds{5}, {}, "kill", 2, 3}}};
  }
  std::string file(const std::string& name) const {
    return test::read_file(scratch.path("7/" + name));
  }

  test::ScratchFolder scratch;
  Result result;
  Provenance provenance;
};

TEST_F(Publication, HasTheHistoriesThePlanAndTheVersions) {
  publish(result, provenance, {"a token"}, scratch.path("7"));
  EXPECT_THAT(file("sends.jsonl"), HasSubstr("the key"));
  EXPECT_THAT(file("plan.jsonl"), HasSubstr("\"kill\""));
  const auto about = nlohmann::json::parse(file("run.json"));
  EXPECT_EQ(about.at("seed"), 7);
  EXPECT_TRUE(about.at("versions").contains("commit"));
}

TEST_F(Publication, IsRefusedWithASecretInIt) {
  result.histories.sends[0].content = "see, a token";
  EXPECT_THROW(publish(result, provenance, {"a token"}, scratch.path("7")), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(scratch.path("7")));
}

}  // namespace
}  // namespace fechatter::chaos
