#include <fmt/format.h>

#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

const std::vector<Case> parameter_cases{
    {"AChat", "deploy", {"deploy-done"}, {{"chat_id", "{chat:backend}"}}},
    {"AChatAlone",
     "",
     {"red-car", "blue-car", "photo", "zebra", "kangaroo"},
     {{"chat_id", "{chat:with-bob}"}}},
    {"ASender", "umbrella", {"umbrellas"}, {{"sender_id", "{user:chloe}"}}},
    {"AnUnknownSenderFindsNothing", "umbrella", {}, {{"sender_id", "999999999"}}},
    {"ASenderOfAnotherWorkspaceFindsNothing", "umbrella", {}, {{"sender_id", "{user:mallory}"}}},
    {"ASingle", "parked", {"red-car", "blue-car"}, {{"chat_type", "Single"}}},
    {"AGroup", "umbrella", {}, {{"chat_type", "Group"}}},
    {"APrivateChannel", "deploy", {"deploy-done"}, {{"chat_type", "PrivateChannel"}}},
    {"APublicChannel",
     "deploy",
     {"deploy-monday", "deploy-friday", "deploy-list"},
     {{"chat_type", "PublicChannel"}}},
    {"FromATimeOnIsInclusive",
     "audit",
     {"audit-pauses", "audit-signed"},
     {{"from", "2025-03-15T23:59:59.999Z"}}},
    {"UpToATimeIsExclusive", "audit", {"audit-begins"}, {{"to", "2025-03-15T23:59:59.999Z"}}},
    {"FromADayOnIsInclusive", "audit", {"audit-signed"}, {{"from", "2025-03-16"}}},
    {"UpToADayIncludesIt", "audit", {"audit-begins", "audit-pauses"}, {{"to", "2025-03-15"}}},
    {"OneDay",
     "",
     {"audit-begins", "audit-pauses"},
     {{"from", "2025-03-15"}, {"to", "2025-03-15"}}},
    {"ATimeInAnotherZone",
     "audit",
     {"audit-begins", "audit-pauses"},
     {{"to", "2025-03-16T01:00:00+01:00"}}},
    {"ADayAndAnOperator",
     "audit before:2025-03-16",
     {"audit-begins", "audit-pauses"},
     {{"from", "2025-03-15"}}},
    {"HasAFile", "logo", {"sketches"}, {{"has", "file"}}},
    {"HasALinkAlone", "", {"docs-link", "wiki-link", "linked-file"}, {{"has", "link"}}},
    {"ALinkOfAFile", "has:file", {"linked-file"}, {{"has", "link"}}},
    {"AnEmptyQueryWithACondition",
     "",
     {"audit-begins", "audit-pauses"},
     {{"q", ""}, {"from", "2025-03-15"}, {"to", "2025-03-15"}}},
};
INSTANTIATE_TEST_SUITE_P(Parameters, Finds, testing::ValuesIn(parameter_cases), case_name);

class OtherWays : public Conformance {
 protected:
  json posted(const json& body) {
    const auto reply = alice.post("/api/search/messages", body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  Reply posted_without_body(const std::string& target) {
    return searched_system().send("POST", target, std::nullopt, alice.bearer());
  }
  std::string in_chat(const std::string& key) {
    return fmt::format("/api/chat/{}/messages/search", world.chat(key));
  }
};

TEST_F(OtherWays, PostTakesTheSameNames) {
  const auto answer = posted({{"q", "deploy"},
                              {"chat_id", world.chat("general")},
                              {"sender_id", bob.id()},
                              {"chat_type", "PublicChannel"},
                              {"from", "2025-01-01"},
                              {"sort", "newest"},
                              {"limit", 5},
                              {"offset", 0}});
  EXPECT_THAT(keys_of(answer), ElementsAre("deploy-friday"));
}

TEST_F(OtherWays, PostAnswersAsGetDoes) {
  const auto got = found(alice, {{"q", "harbor"}});
  const auto answer = posted({{"q", "harbor"}});
  EXPECT_EQ(keys_of(answer), keys_of(got));
  EXPECT_EQ(answer.at("facets"), got.at("facets"));
}

TEST_F(OtherWays, PostContinuesWithACursor) {
  const auto first = posted({{"q", "harbor"}, {"limit", 3}});
  const auto second = posted({{"q", "harbor"}, {"limit", 3}, {"cursor", first.at("next_cursor")}});
  EXPECT_THAT(keys_of(second), ElementsAre("harbour"));
}

TEST_F(OtherWays, PostWithoutABodyTakesTheQueryOfItsUrl) {
  const auto all = search_target(
      "/api/search/messages",
      {{"q", "deploy"}, {"sort", "date_desc"}, {"strategy", "full_text"}, {"highlight", "true"}});
  const auto reply = posted_without_body(all);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(keys_of(reply.json()), keys_of(found(alice, {{"q", "deploy"}, {"sort", "newest"}})));
  EXPECT_EQ(reply.header("x-ignored-parameters"), "strategy, highlight");
  const auto one = posted_without_body(search_target(in_chat("backend"), {{"q", "deploy"}}));
  ASSERT_EQ(one.status, 200) << one.body;
  EXPECT_THAT(keys_of(one.json()), ElementsAre("deploy-done"));
  EXPECT_EQ(posted_without_body("/api/search/messages").status, 422);
}

TEST_F(OtherWays, PostWithABodyIgnoresTheQueryOfItsUrl) {
  const auto reply = alice.post(in_chat("backend") + "?q=kangaroo", {{"q", "deploy"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(keys_of(reply.json()), ElementsAre("deploy-done"));
  EXPECT_EQ(reply.header("x-ignored-parameters"), "q");
}

TEST_F(OtherWays, AChatIsSearchedByItsPath) {
  const auto reply = alice.get(search_target(in_chat("backend"), {{"q", "deploy"}}));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(keys_of(reply.json()), ElementsAre("deploy-done"));
}

TEST_F(OtherWays, AChatsPathTakesTheOtherParameters) {
  const auto target = search_target(in_chat("with-bob"),
                                    {{"q", "parked"}, {"sender_id", std::to_string(bob.id())}});
  EXPECT_THAT(keys_of(alice.get(target).json()), ElementsAre("red-car"));
}

TEST_F(OtherWays, AChatsPathAloneIsACondition) {
  const auto reply = alice.get(in_chat("with-chloe"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(keys_of(reply.json()), UnorderedElementsAre("surprise", "cake"));
}

}  // namespace
}  // namespace fechatter::test
