#include <fmt/format.h>

#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

struct Refusal {
  std::string name;
  Parameters parameters;  // {user:…} and {chat:…} are ids
  std::string field;
};

void PrintTo(const Refusal& item, std::ostream* out) {
  for (const auto& [name, value] : item.parameters) *out << name << "=" << value << " ";
}

std::string refusal_name(const testing::TestParamInfo<Refusal>& info) {
  return info.param.name;
}

class Refuses : public Conformance, public testing::WithParamInterface<Refusal> {};

TEST_P(Refuses, ByNameOfTheField) {
  Parameters parameters;
  for (const auto& [name, value] : GetParam().parameters) {
    parameters.emplace_back(name, world.filled(value));
  }
  EXPECT_EQ(refused_field(search(alice, parameters)), GetParam().field);
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

const std::vector<Refusal> queries{
    {"NothingAtAll", {}, "q"},
    {"AnEmptyQuery", {{"q", ""}}, "q"},
    {"SpacesOnly", {{"q", "   "}}, "q"},
    {"AQueryWithALimitOnly", {{"limit", "10"}}, "q"},
    {"AQueryThatIsTooLong", {{"q", repeated("a", 513)}}, "q"},
    {"ALongQueryOfTwoByteCharacters", {{"q", repeated("ü", 513)}}, "q"},
    {"FromAnUnknownName", {{"q", "zebra from:nobody"}}, "q"},
    {"FromAnUnknownId", {{"q", "zebra from:999999999"}}, "q"},
    {"FromAnUnknownAddress", {{"q", "zebra from:nobody@acme.example"}}, "q"},
    {"FromAUserOfAnotherWorkspace", {{"q", "zebra from:mallory@rivals.example"}}, "q"},
    {"FromAnIdOfAnotherWorkspace", {{"q", "zebra from:{user:mallory}"}}, "q"},
    {"InNoChat", {{"q", "zebra in:nowhere"}}, "q"},
    {"InAChatOfOthers", {{"q", "zebra in:boardroom"}}, "q"},
    {"InAChatOfOthersById", {{"q", "zebra in:{chat:boardroom}"}}, "q"},
    {"InAPublicChannelThatWasNotJoined", {{"q", "zebra in:#lounge"}}, "q"},
    {"InAChatOfAnotherWorkspace", {{"q", "zebra in:{chat:rivals}"}}, "q"},
    {"InASingleThatDoesNotExist", {{"q", "zebra in:@ivan"}}, "q"},
    {"BeforeNoDate", {{"q", "zebra before:tomorrow"}}, "q"},
    {"AfterADateOfAnotherForm", {{"q", "zebra after:15.3.2025"}}, "q"},
    {"OnADayThatIsNone", {{"q", "zebra on:2025-02-30"}}, "q"},
    {"OnADayThatIsNoLeapDay", {{"q", "zebra on:2025-02-29"}}, "q"},
    {"HasAnythingElse", {{"q", "zebra has:image"}}, "q"},
};
INSTANTIATE_TEST_SUITE_P(Queries, Refuses, testing::ValuesIn(queries), refusal_name);

const std::vector<Refusal> refused_parameters{
    {"AnUnknownChatType", {{"q", "zebra"}, {"chat_type", "Channel"}}, "chat_type"},
    {"AChatTypeInOtherCase", {{"q", "zebra"}, {"chat_type", "single"}}, "chat_type"},
    {"FromWhatIsNoTime", {{"q", "zebra"}, {"from", "today"}}, "from"},
    {"FromADayThatIsNone", {{"q", "zebra"}, {"from", "2025-13-01"}}, "from"},
    {"ToWhatIsNoTime", {{"q", "zebra"}, {"to", "2025-03-15T25:00:00Z"}}, "to"},
    {"HasAnythingElse", {{"q", "zebra"}, {"has", "image"}}, "has"},
    {"AnUnknownOrder", {{"q", "zebra"}, {"sort", "date"}}, "sort"},
    {"NoHits", {{"q", "zebra"}, {"limit", "0"}}, "limit"},
    {"FewerThanNoHits", {{"q", "zebra"}, {"limit", "-1"}}, "limit"},
    {"AWordOfHits", {{"q", "zebra"}, {"limit", "ten"}}, "limit"},
    {"AnOffsetBelowNothing", {{"q", "zebra"}, {"offset", "-1"}}, "offset"},
    {"AnOffsetTooFar", {{"q", "zebra"}, {"offset", "1001"}}, "offset"},
    {"AnOffsetThatIsNoNumber", {{"q", "zebra"}, {"offset", "x"}}, "offset"},
    {"ACursorOfGarbage", {{"q", "zebra"}, {"cursor", "garbage"}}, "cursor"},
    {"ACursorOfBase64Garbage", {{"q", "zebra"}, {"cursor", "AAAAAAAAAAAAAAAA"}}, "cursor"},
    {"ASenderThatIsNoNumber", {{"q", "zebra"}, {"sender_id", "bob"}}, "sender_id"},
};
INSTANTIATE_TEST_SUITE_P(OfParameters, Refuses, testing::ValuesIn(refused_parameters),
                         refusal_name);

class Refusals : public Conformance {
 protected:
  void expect_not_found(const Reply& reply) {
    EXPECT_EQ(reply.status, 404) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "chat.not_found");
  }
};

TEST_F(Refusals, AChatOfOthersIsRefusedByParameter) {
  for (const auto* chat : {"boardroom", "lounge", "rivals"}) {
    SCOPED_TRACE(chat);
    const auto id = std::to_string(world.chat(chat));
    expect_not_found(search(alice, {{"q", "zebra"}, {"chat_id", id}}));
  }
  expect_not_found(search(alice, {{"q", "zebra"}, {"chat_id", "999999999"}}));
}

TEST_F(Refusals, AChatOfOthersIsRefusedByPath) {
  for (const auto* chat : {"boardroom", "lounge", "rivals"}) {
    SCOPED_TRACE(chat);
    const auto path = fmt::format("/api/chat/{}/messages/search", world.chat(chat));
    expect_not_found(alice.get(search_target(path, {{"q", "zebra"}})));
  }
}

TEST_F(Refusals, ARequestWithoutATokenIsRefused) {
  const auto& system = searched_system();
  EXPECT_EQ(system.get("/api/search/messages?q=zebra").status, 401);
  EXPECT_EQ(system.post("/api/search/messages", {{"q", "zebra"}}).status, 401);
  const auto path = fmt::format("/api/chat/{}/messages/search?q=zebra", world.chat("general"));
  EXPECT_EQ(system.get(path).status, 401);
}

TEST_F(Refusals, ARefusalOfABodyNamesTheField) {
  for (const auto& [body, field] : std::vector<std::pair<json, std::string>>{
           {json::object(), "q"},
           {json{{"q", 7}}, "q"},
           {json{{"q", "zebra"}, {"limit", 0}}, "limit"},
           {json{{"q", "zebra"}, {"limit", "ten"}}, "limit"},
           {json{{"q", "zebra"}, {"has", "image"}}, "has"},
           {json{{"q", "zebra"}, {"sort", 1}}, "sort"},
           {json{{"q", "zebra"}, {"cursor", "x"}}, "cursor"}}) {
    EXPECT_EQ(refused_field(alice.post("/api/search/messages", body)), field) << body;
  }
}

TEST_F(Refusals, AQueryOfMoreThan512CharactersIsRefused) {
  EXPECT_EQ(search(alice, {{"q", repeated("ü", 512)}}).status, 200);
  EXPECT_EQ(search(alice, {{"q", repeated("a b ", 128)}}).status, 200);
}

// An odd query is either answered or refused with the name of its field.
TEST_F(Refusals, AnOddQueryIsAnsweredOrRefusedByName) {
  for (const std::string query : {"\"",
                                  "\"\"",
                                  "\"zebra",
                                  "zebra\"",
                                  "-",
                                  "--zebra",
                                  "-\"",
                                  "- zebra",
                                  "*",
                                  "**",
                                  "z*bra",
                                  "*zebra",
                                  "from:",
                                  "from:\"",
                                  "in:#",
                                  "in:@",
                                  "from:@",
                                  "has:",
                                  "on:",
                                  ":",
                                  "::",
                                  "a:b:c",
                                  "from:from:bob",
                                  "(zebra)",
                                  "zebra & !zebra | <-> :*",
                                  "zebra OR 1=1 --",
                                  "\\",
                                  "%",
                                  "_",
                                  "\\'",
                                  "$1",
                                  "${zebra}",
                                  "{}",
                                  "[]",
                                  "\u200b",
                                  "\u202e zebra",
                                  "\ufeffzebra",
                                  "́",
                                  "𝔷𝔢𝔟𝔯𝔞",
                                  "-zebra",
                                  "-from:bob",
                                  "\"from:bob\"*",
                                  "zebra\nfrom:bob",
                                  "?limit=0",
                                  "🚀🚀🚀"}) {
    const auto reply = search(alice, {{"q", query}});
    EXPECT_TRUE(reply.status == 200 || refused_field(reply) == "q")
        << query << ": " << reply.status << reply.body;
    if (reply.status == 200) keys_of(reply.json());
  }
}

TEST_F(Refusals, BytesThatAreNoUtf8AreRefused) {
  for (const auto* bytes : {"%FF", "%C3", "zebra%00", "%ED%A0%80"}) {
    const auto reply = alice.get(std::string{"/api/search/messages?q="} + bytes);
    EXPECT_TRUE(reply.status == 400 || reply.status == 422) << bytes << reply.status << reply.body;
  }
}

}  // namespace
}  // namespace fechatter::test
