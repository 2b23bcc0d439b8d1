#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/system.hpp"

// What was edited or deleted is gone: a text that is nowhere else is looked for everywhere.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* canary = "canarybird";
constexpr std::chrono::seconds a_minute{60};

class ErasedTexts : public testing::Test {
 protected:
  std::string target(const json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message.at("id").get<int>());
  }
  json sends_edits_and_deletes(const std::string& text) {
    auto message = alice.posts(chat, text + " first");
    EXPECT_EQ(alice.patch(target(message), {{"content", text + " second"}}).status, 200);
    EXPECT_EQ(alice.remove(target(message)).status, 204);
    return message;
  }

  // "<table>.<column>" of every column that has the text.
  std::vector<std::string> columns_with(const std::string& text) {
    std::vector<std::string> found;
    const auto columns = system.database->query(
        "SELECT quote_ident(c.relname), quote_ident(a.attname), a.atttypid = 'bytea'::regtype"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
        " AND NOT a.attisdropped AND a.atttypid::regtype::text ~ 'text|json|char|bytea|tsvector'");
    for (const auto& column : columns) {
      const std::string table{column[0].c_str()};
      const std::string name{column[1].c_str()};
      const auto value = column[2].as<bool>() ? fmt::format("encode({}, 'escape')", name)
                                              : fmt::format("{}::text", name);
      const auto rows = system.database->number(fmt::format(
          "SELECT count(*) FROM {} WHERE position('{}' in {}) > 0", table, text, value));
      if (rows > 0) found.push_back(table + "." + name);
    }
    return found;
  }
  // The files of NATS that have it: blocks of messages, and the state of consumers.
  std::vector<std::string> files_with(const std::string& text) const {
    std::vector<std::string> found;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator{system.nats.store_path()}) {
      if (!file.is_regular_file()) continue;
      if (read_file(file.path()).find(text) != std::string::npos) found.push_back(file.path());
    }
    return found;
  }
  bool is_gone_everywhere(const std::string& text) {
    return eventually([&] { return columns_with(text).empty() && files_with(text).empty(); },
                      a_minute);
  }
  // The frames that a fresh instance replays from the first position to CaughtUp.
  std::string replayed_by_a_fresh_instance(const Person& person) {
    auto fresh = system.another_notify();
    fresh.start();
    auto headers = person.bearer();
    headers.emplace("Last-Event-ID", "1-1");
    SseStream stream{fresh.port(), "/events", headers};
    std::string frames;
    while (const auto event = stream.next()) {
      frames += event->name + " " + event->data.dump() + "\n";
      if (event->name == "CaughtUp") break;
    }
    return frames;
  }
  std::int64_t epoch() { return system.database->number("SELECT epoch FROM relay_state"); }
  std::int64_t erased() {
    return system.database->number(
        "SELECT count(*) FROM stream_erasures WHERE done_at > '2000-1-1'");
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(ErasedTexts, AreNowhereAMinuteAfterTheDeletion) {
  auto live = bob.subscribes();
  const auto before = alice.posts(chat, "before");
  sends_edits_and_deletes(canary);
  const auto after = alice.posts(chat, "after");
  while (const auto event = live.next("NewMessage")) {
    if (event->data.at("id") == after.at("id")) break;
  }
  ASSERT_TRUE(is_gone_everywhere(canary))
      << testing::PrintToString(columns_with(canary)) << testing::PrintToString(files_with(canary));
  const auto frames = replayed_by_a_fresh_instance(bob);
  EXPECT_THAT(frames, Not(HasSubstr(canary)));
  EXPECT_THAT(frames, Not(HasSubstr("Reset")));
  for (const auto* text : {"\"before\"", "\"after\"", "MessageDeleted"}) {
    EXPECT_THAT(frames, HasSubstr(text));
  }
  for (const auto& log : {system.server.log(), system.notify.log(), system.nats.log()}) {
    EXPECT_THAT(log, Not(HasSubstr(canary)));
  }
  EXPECT_EQ(epoch(), 1);
  EXPECT_GT(erased(), 0);
}

// Beside the new text, the history has the former one, for as long as the message is there.
TEST_F(ErasedTexts, AnEditLeavesOnlyTheNewText) {
  const auto message = alice.posts(chat, canary);
  EXPECT_EQ(alice.patch(target(message), {{"content", "the new text"}}).status, 200);
  const auto is_history_alone = [this] {
    return columns_with(canary) == std::vector<std::string>{"message_edits.content"} &&
           files_with(canary).empty();
  };
  ASSERT_TRUE(eventually(is_history_alone, a_minute));
  EXPECT_THAT(replayed_by_a_fresh_instance(bob), HasSubstr("the new text"));
  EXPECT_EQ(epoch(), 1);
  EXPECT_EQ(alice.remove(target(message)).status, 204);
  EXPECT_TRUE(is_gone_everywhere(canary));
}

// Its end and its holes are read from the files.
TEST_F(ErasedTexts, AreNoLossAfterARestartOfNats) {
  sends_edits_and_deletes(canary);
  ASSERT_TRUE(is_gone_everywhere(canary));
  ASSERT_TRUE(eventually([&] { return erased() > 0; }));
  system.nats.kill();
  system.nats.start();
  auto live = bob.subscribes();
  alice.posts(chat, "after the restart");
  const auto event = live.next("NewMessage");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("content"), "after the restart");
  EXPECT_THAT(files_with(canary), IsEmpty());
  EXPECT_EQ(epoch(), 1);
}

TEST_F(ErasedTexts, DoNotComeBackWhenAnEpochRepublishes) {
  sends_edits_and_deletes(canary);
  const auto kept = alice.posts(chat, "kept");
  ASSERT_TRUE(is_gone_everywhere(canary));
  system.nats.kill();
  system.nats.lose_store();
  system.nats.start();
  ASSERT_TRUE(eventually([&] {
    return system.database->number("SELECT count(*) FROM outbox WHERE epoch IS DISTINCT FROM 2") ==
           0;
  }));
  EXPECT_THAT(files_with(canary), IsEmpty());
  EXPECT_THAT(columns_with(canary), IsEmpty());
  auto fresh = system.another_notify();
  fresh.start();
  EXPECT_TRUE(
      eventually([&] { return request(fresh.port(), "GET", "/health/simple").status == 200; }));
}

// They wait in the outbox, and leave it there.
TEST_F(ErasedTexts, LeaveTheOutboxWithoutNats) {
  system.nats.kill();
  sends_edits_and_deletes(canary);
  EXPECT_TRUE(eventually(
      [&] {
        return system.database->number(fmt::format(
                   "SELECT count(*) FROM outbox WHERE position('{}' in data::text) > 0", canary)) ==
               0;
      },
      a_minute));
  system.nats.start();
  EXPECT_TRUE(is_gone_everywhere(canary));
}

}  // namespace
}  // namespace fechatter::test
