#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// What docs/openapi forbids is refused, and a null counts as absent where docs/openapi says so: the
// cases that schemathesis and readers of the description have found, for runs without that program.
namespace fechatter::test {
namespace {

using nlohmann::json;

class DescribedRequests : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // "422 limit", or the status alone when the answer names no field.
  static std::string named_field(const Reply& reply) {
    const auto body = reply.body.empty() ? json::object() : reply.json();
    const auto errors = body.is_object() ? body.value("errors", json::array()) : json::array();
    if (errors.empty()) return std::to_string(reply.status);
    return fmt::format("{} {}", reply.status, errors[0].at("field").get<std::string>());
  }
  std::string path(const std::string& rest) const {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  std::string got(const std::string& target) const { return named_field(alice.get(target)); }
  std::string posted(const std::string& target, const json& body) const {
    return named_field(alice.post(target, body));
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(DescribedRequests, NumbersHaveOneSpelling) {
  for (const auto* limit : {"07", "-0", "+7", "7.0", "7e0", "%207", "null", "true", ""}) {
    EXPECT_EQ(got(path(fmt::format("/messages?limit={}", limit))), "422 limit") << limit;
    EXPECT_EQ(got(fmt::format("/api/search/messages?q=a&limit={}", limit)), "422 limit") << limit;
  }
  EXPECT_EQ(got("/api/search/messages?q=a&offset=-0"), "422 offset");
  EXPECT_EQ(got(fmt::format("/api/chat/0{}", chat)), "400");
}

TEST_F(DescribedRequests, CursorsAreThoseThatWereGiven) {
  for (const auto* cursor : {"0000012-5", "-0-5", "1-05", "1-0", "null", ""}) {
    EXPECT_EQ(got(fmt::format("/api/search/messages?q=a&cursor={}", cursor)), "422 cursor");
    EXPECT_EQ(posted("/api/search/messages", {{"q", "a"}, {"cursor", cursor}}), "422 cursor");
  }
  for (const auto* cursor : {"-0-5", "01-5", "1-05", "null", ""}) {
    EXPECT_EQ(got(fmt::format("/api/chat?cursor={}", cursor)), "422 cursor") << cursor;
  }
}

TEST_F(DescribedRequests, TimesAreThoseOfRfc3339) {
  for (const auto* time : {"2026-01-31%2010:00:00Z", "2026-01-31T10:00Z", "2026-1-31", "now", ""}) {
    EXPECT_EQ(got(fmt::format("/api/search/messages?q=a&from={}", time)), "422 from") << time;
  }
}

TEST_F(DescribedRequests, ABodyWithoutFieldsIsAnObject) {
  const auto block = fmt::format("/api/users/{}/block", bob.id());
  for (const auto& body : {json::array(), json(nullptr), json(0), json("x")}) {
    EXPECT_EQ(named_field(system.send("PUT", block, body, alice.bearer())), "422 body");
    EXPECT_EQ(posted(path("/restore"), body), "422 body");
    EXPECT_EQ(posted(path("/join"), body), "422 body");
    EXPECT_EQ(posted(fmt::format("/api/admin/users/{}/take-over-chats", bob.id()), body),
              "422 body");
  }
  EXPECT_EQ(system.send("PUT", block, json::object(), alice.bearer()).status, 204);
  EXPECT_EQ(system.send("PUT", block, {}, alice.bearer()).status, 204);
}

TEST_F(DescribedRequests, AKeyInTheBodyIsValidBesideOneInTheHeader) {
  const Headers key{{"Idempotency-Key", "00000000-0000-4000-8000-000000000001"}};
  for (const auto* other :
       {"", "x", "00000000-0000-4000-8000-00000000000", "5C4ed01e-0000-8000-8000-000000000001"}) {
    const json draft{{"content", "hi"}, {"idempotency_key", other}};
    EXPECT_EQ(named_field(alice.tries_to_post(chat, draft, key)), "422 idempotency_key") << other;
  }
}

TEST_F(DescribedRequests, TheKeysOfScheduledMessagesAreNoClients) {
  const Headers key{{"Idempotency-Key", "5c4ed01e-0000-8000-8000-000000000001"}};
  EXPECT_EQ(named_field(alice.tries_to_post(chat, {{"content", "hi"}}, key)),
            "422 idempotency_key");
}

TEST_F(DescribedRequests, APasswordHasEightCharactersAsItIsTyped) {
  const auto* three = "\ufb2c\ufb2d\ufb2c";  // nine characters in NFC
  const auto reply = system.post("/api/signup", {{"fullname", "carol"},
                                                 {"email", "carol@acme.example"},
                                                 {"password", three},
                                                 {"workspace", "acme"}});
  EXPECT_EQ(named_field(reply), "422 password");
}

// The system compares each body that was accepted with the description.
TEST_F(DescribedRequests, ANullCountsAsAbsent) {
  EXPECT_EQ(posted("/api/search/messages", {{"q", "a"}, {"cursor", nullptr}}), "200");
  const json nobody{{"members", nullptr}, {"member_ids", nullptr}};
  EXPECT_EQ(posted(path("/members"), nobody), "422 members");
  const json bobs{{"members", nullptr}, {"member_ids", {bob.id()}}};
  EXPECT_EQ(posted(path("/members"), bobs), "201");
  const json unchanged{{"role", nullptr}, {"status", nullptr}};
  EXPECT_EQ(alice.patch(fmt::format("/api/workspace/members/{}", bob.id()), unchanged).status, 200);
  EXPECT_EQ(posted("/api/signup", {{"fullname", "carol"},
                                   {"email", "carol@acme.example"},
                                   {"password", password_of("carol")},
                                   {"workspace", "acme"},
                                   {"workspace_name", nullptr}}),
            "201");
}

}  // namespace
}  // namespace fechatter::test
