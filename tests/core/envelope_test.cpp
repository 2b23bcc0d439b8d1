#include "fechatter_core/event/envelope.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace fechatter::event {
namespace {

using nlohmann::json;
using testing::ElementsAre;

json valid() {
  return {{"event_id", 12},     {"type", "NewMessage"},
          {"workspace_id", 3},  {"chat_id", 5},
          {"seq", 8},           {"version", 2},
          {"audience", "chat"}, {"occurred_at", "2026-01-01T00:00:00.000000Z"},
          {"members", nullptr}, {"trace", nullptr},
          {"data", {{"id", 1}}}};
}

TEST(Envelope, AllFieldsAreRead) {
  const auto envelope = parse_envelope(valid().dump());
  EXPECT_EQ(envelope.event_id, EventId{12});
  EXPECT_EQ(envelope.type, "NewMessage");
  EXPECT_EQ(envelope.workspace_id, WorkspaceId{3});
  EXPECT_EQ(envelope.chat_id, ChatId{5});
  EXPECT_EQ(envelope.seq, 8);
  EXPECT_EQ(envelope.version, 2);
  EXPECT_EQ(envelope.audience.kind, AudienceKind::chat);
  EXPECT_EQ(envelope.data, R"({"id":1})");
}

TEST(Envelope, MembershipEventsNameTheUsers) {
  auto body = valid();
  body["audience"] = {{"users", {1, 2}}};
  body["members"] = {{"added", {1}}, {"removed", {2}}};
  body.erase("seq");
  const auto envelope = parse_envelope(body.dump());
  EXPECT_THAT(envelope.audience.users, ElementsAre(UserId{1}, UserId{2}));
  EXPECT_THAT(envelope.added, ElementsAre(UserId{1}));
  EXPECT_THAT(envelope.removed, ElementsAre(UserId{2}));
  EXPECT_EQ(envelope.seq, std::nullopt);
}

TEST(Envelope, AnActorMayBeNamed) {
  auto body = valid();
  EXPECT_EQ(parse_envelope(body.dump()).actor, std::nullopt);
  body["actor"] = nullptr;
  EXPECT_EQ(parse_envelope(body.dump()).actor, std::nullopt);
  body["actor"] = 11;
  EXPECT_EQ(parse_envelope(body.dump()).actor, UserId{11});
  body["actor"] = 0;
  EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument);
}

TEST(Envelope, AnEventOfAnOlderServerHasNoVersion) {
  auto body = valid();
  body.erase("version");
  EXPECT_EQ(parse_envelope(body.dump()).version, std::nullopt);
  body["version"] = nullptr;
  EXPECT_EQ(parse_envelope(body.dump()).version, std::nullopt);
}

TEST(Envelope, TheAudienceNamesChats) {
  auto body = valid();
  body["audience"] = {{"users", nlohmann::json::array({1})}, {"chats", {7, 8}}};
  const auto envelope = parse_envelope(body.dump());
  EXPECT_EQ(envelope.audience.kind, AudienceKind::users);
  EXPECT_THAT(envelope.audience.users, ElementsAre(UserId{1}));
  EXPECT_THAT(envelope.audience.chats, ElementsAre(ChatId{7}, ChatId{8}));
}

TEST(Envelope, TheAudienceNamesChatsThatGetItEphemeral) {
  auto body = valid();
  body["audience"] = {{"users", nlohmann::json::array({1})},
                      {"ephemeral", {{"chats", nlohmann::json::array({7})}, {"except", {3, 2}}}}};
  const auto audience = parse_envelope(body.dump()).audience;
  EXPECT_THAT(audience.ephemeral_chats, ElementsAre(ChatId{7}));
  EXPECT_THAT(audience.ephemeral_except, ElementsAre(UserId{3}, UserId{2}));
  for (const auto& wrong : {json(7), json::array(), json{{"chats", 7}}, json{{"chats", {0}}}}) {
    body["audience"]["ephemeral"] = wrong;
    EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument) << wrong;
  }
}

TEST(Envelope, AnInvalidEnvelopeIsRefusedWithAReason) {
  EXPECT_THROW(parse_envelope("{"), std::invalid_argument);
  EXPECT_THROW(parse_envelope("[]"), std::invalid_argument);
  for (const auto* name : {"event_id", "type", "workspace_id", "chat_id", "audience", "data"}) {
    auto body = valid();
    body.erase(name);
    EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument) << name;
    body[name] = true;
    EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument) << name;
  }
  const auto twice = valid().dump();
  EXPECT_THROW(parse_envelope(R"({"data":{},)" + twice.substr(1)), std::invalid_argument);
  auto body = valid();
  body["data"] = {{"x", std::string(envelope_bytes_max, 'x')}};
  EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument);
}

TEST(Envelope, OnlyWholeNumbersWithinInt64AreAccepted) {
  for (const auto* name : {"event_id", "workspace_id", "chat_id", "seq", "version"}) {
    for (const auto& wrong : {json(12.5), json(1e300), json(-1), json(UINT64_MAX)}) {
      auto body = valid();
      body[name] = wrong;
      EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument) << name << wrong;
    }
  }
}

TEST(Envelope, ATypeThatCouldForgeALineOfAFrameIsRefused) {
  for (const auto* type : {"", "New\nid: 9-9", "New Message", "a.b", "*"}) {
    auto body = valid();
    body["type"] = type;
    EXPECT_THROW(parse_envelope(body.dump()), std::invalid_argument) << type;
  }
}

TEST(Envelope, DataDeeperThan32LevelsIsRefused) {
  const auto with_arrays = [](std::size_t count) {
    auto text = valid().dump();
    const auto nested = std::string(count, '[') + std::string(count, ']');
    return text.replace(text.find(R"({"id":1})"), 8, R"({"id":)" + nested + "}");
  };
  EXPECT_NO_THROW(parse_envelope(with_arrays(31)));
  EXPECT_THROW(parse_envelope(with_arrays(32)), std::invalid_argument);
  EXPECT_THROW(parse_envelope(with_arrays(50'000)), std::invalid_argument);
}

TEST(Subjects, ASubjectNamesWorkspaceChatAndType) {
  EXPECT_EQ(subject_of(WorkspaceId{3}, ChatId{5}, "NewMessage"),
            "fechatter.v1.event.3.5.NewMessage");
}

}  // namespace
}  // namespace fechatter::event
