#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// Reports of users, letter A: text that is looked up is normalised in one place (docs/text.md).
namespace fechatter::test {
namespace {

using nlohmann::json;

struct TextRow {
  std::string what;
  std::string typed;
  int status;
};

class TextClasses : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_AUTH__WORKSPACE_JOIN", "invitation"}};
    return options;
  }
  Reply signs_up(const json& changed) {
    json body{{"fullname", "Ann"},
              {"email", fmt::format("person{}@acme.example", ++people)},
              {"password", "correct horse"},
              {"workspace", fmt::format("workspace {}", people)}};
    body.update(changed);
    return system.post("/api/signup", body);
  }
  Reply makes_channel(const std::string& name) {
    return alice.post("/api/chat", {{"chat_type", "PublicChannel"}, {"name", name}});
  }
  static void expect(const TextRow& row, const Reply& reply, const std::string& field) {
    EXPECT_EQ(reply.status, row.status) << row.what << ": " << reply.body;
    if (row.status != 422) return;
    EXPECT_EQ(reply.json().at("errors").at(0).at("field"), field) << row.what;
  }

  int people = 0;
  System system{options()};
  Person alice = system.signs_up("alice", "Acme");
};

// With invitations, a workspace of the same name asks for one.
TEST_F(TextClasses, NamesAddressesAndPasswordsAreComparedByTheirKeys) {
  const std::vector<TextRow> workspaces{{"a space behind", "Acme ", 403},
                                        {"a space before", " Acme", 403},
                                        {"U+00A0", "Acme\u00a0", 403},
                                        {"capitals", "ACME", 403},
                                        {"full width", "Ａｃｍｅ", 403},
                                        {"U+200B", "Acme\u200b", 422},
                                        {"two spaces", "Acme  x", 201},
                                        {"one of them", "Acme x", 403},
                                        {"an ideographic space", "acme\u3000X", 403}};
  for (const auto& row : workspaces) expect(row, signs_up({{"workspace", row.typed}}), "workspace");

  ASSERT_EQ(makes_channel("λόγος").status, 201);
  ASSERT_EQ(makes_channel("caf\u00e9 x").status, 201);
  const std::vector<TextRow> channels{
      {"capitals", "ΛΌΓΟΣ", 409},      {"a space", "λόγος ", 409},
      {"NFD", "cafe\u0301 x", 409},    {"spaces", "café  \u00a0x", 409},
      {"U+200B", "λόγος\u200b", 422},  {"no accent", "cafe x", 201},
      {"a line feed", "λόγος\n", 422}, {"blank", " ", 422},
      {"U+3164", "\u3164", 422},       {"U+202E", "\u202eabc", 422}};
  for (const auto& row : channels) expect(row, makes_channel(row.typed), "name");

  const std::vector<TextRow> names{{"blank", " ", 422},
                                   {"U+00A0", "\u00a0", 422},
                                   {"U+200B", "\u200b", 422},
                                   {"U+3164", "\u3164", 422},
                                   {"a line feed", "\n", 422},
                                   {"two lines", "A\nB", 422},
                                   {"U+202E", "\u202eA", 422},
                                   {"U+2066", "A\u2066", 422},
                                   {"U+FEFF", "\ufeffA", 422},
                                   {"an emoji", "Ann 👩\u200d🚀", 200},
                                   {"Persian", "علی\u200cرضا", 200}};
  for (const auto& row : names) {
    expect(row, alice.patch("/api/users/profile", {{"fullname", row.typed}}), "fullname");
  }

  ASSERT_EQ(signs_up({{"email", "σας@acme.example"}}).status, 201);
  ASSERT_EQ(signs_up({{"email", "\u00e4nn@bücher.example"}}).status, 201);
  const std::vector<TextRow> addresses{
      {"capitals", "ΣΑΣ@acme.example", 409},
      {"NFD", "a\u0308nn@BÜCHER.example", 409},
      {"punycode", "\u00e4nn@xn--bcher-kva.example", 409},
      {"U+200B", "ann\u200b@acme.example", 422},
      {"angle brackets", "<a@x>", 422},
      {"mailto", "mailto:a@x", 422},
      {"two dots", "a@example..com", 422},
      {"a dot before", "a@.example.com", 422},
      {"a label of 64", "a@" + std::string(64, 'x') + ".example", 422},
      {"two addresses", "ann,ben@x", 422}};
  for (const auto& row : addresses) expect(row, signs_up({{"email", row.typed}}), "email");
}

TEST_F(TextClasses, ANameIsStoredTrimmedAndComposed) {
  EXPECT_EQ(
      alice.patch("/api/users/profile", {{"fullname", " Cafe\u0301  B "}}).json().at("fullname"),
      "Café B");
  EXPECT_EQ(makes_channel("  a \u00a0 b ").json().at("name"), "a b");
}

TEST_F(TextClasses, ASpellingOfTheAddressAndOfThePasswordSignsIn) {
  ASSERT_EQ(signs_up({{"email", "σας@acme.example"}, {"password", "pa ss w\u00f6rd"}}).status, 201);
  const auto signs_in = [&](const std::string& email, const std::string& password) {
    return system.post("/api/signin", {{"email", email}, {"password", password}}).status;
  };
  EXPECT_EQ(signs_in("ΣΑΣ@ACME.example", "pa ss w\u00f6rd"), 200);
  EXPECT_EQ(signs_in("σας@acme.example", "pa\u00a0ss\u3000wo\u0308rd"), 200);
  EXPECT_EQ(signs_in("σας@acme.example", "PA SS W\u00d6RD"), 401);
  EXPECT_EQ(signs_in("σας@acme.example", "pa ss w\u00f6rd\u200b"), 401);
  EXPECT_EQ(signs_up({{"password", "correct\u200bhorse"}}).status, 422);
  EXPECT_EQ(signs_up({{"password", "correct\thorse"}}).status, 422);
  EXPECT_EQ(signs_up({{"password", "o\u0308o\u0308o\u0308o\u0308"}}).status, 422);
}

TEST_F(TextClasses, PeopleAndChannelsAreFoundByTheirKeys) {
  ASSERT_EQ(alice.patch("/api/users/profile", {{"fullname", "Zoë O’Neill"}}).status, 200);
  for (const auto* part : {"zoe", "ZO%C3%8B", "o'neill", "O%E2%80%99N", "alice"}) {
    EXPECT_EQ(alice.get(fmt::format("/api/users?q={}", part)).json().size(), 1U) << part;
  }
  for (const auto* part : {"%25", "ben", "%22"}) {
    EXPECT_EQ(alice.get(fmt::format("/api/users?q={}", part)).json().size(), 0U) << part;
  }
  ASSERT_EQ(makes_channel("ΛΌΓΟΣ").status, 201);
  EXPECT_EQ(alice.get("/api/chats/public?q=%CE%BB%CF%8C%CE%B3%CE%BF%CF%82").json().size(), 1U);
}

// M4: a URL that clients follow or load.
TEST_F(TextClasses, FilesAndAvatarsAreUrlsThatAClientMayLoad) {
  const auto chat = alice.makes_chat("PublicChannel", {}, "files");
  for (const auto* url :
       {"javascript:alert(1)", "data:text/html,x", "//evil.test/x", "/\\evil.test/x",
        "file:///etc/passwd", "http://tracker.test/a", "https://", "https://a b", "not a url",
        "https://x.test/\n", "https://ann@x.test/"}) {
    const auto sent = alice.tries_to_post(chat, {{"files", {"/files/1/a.png", url}}});
    ASSERT_EQ(sent.status, 422) << url;
    EXPECT_EQ(sent.json().at("errors").at(0).at("field"), "files[1]") << url;
    EXPECT_EQ(alice.patch("/api/users/profile", {{"avatar_url", url}}).status, 422) << url;
  }
  for (const auto* url : {"HTTPS://x.test/a.png", "/files/1/a.png?size=360"}) {
    // Well-formed, but no upload of hers.
    const auto sent = alice.tries_to_post(chat, {{"files", {url}}});
    EXPECT_EQ(sent.json().at("errors").at(0).at("field"), "files") << url;
    EXPECT_EQ(alice.patch("/api/users/profile", {{"avatar_url", url}}).status, 200) << url;
  }
}

}  // namespace
}  // namespace fechatter::test
